import type { ExecutionResult } from 'graphql';
import type { FrameSink } from './event-stream.ts';
import { payloadOf } from './live/delivery.ts';
import { isStream } from './release-at-end.ts';
import type { StreamOperation } from './stream-operations.ts';

/**
 * Writes the results of an operation to its event stream, then `complete`. A result is pulled only when the one before
 * is written, so that an operation holds at most one for a slow client.
 */
export async function deliver(
  results: AsyncIterable<ExecutionResult> | ExecutionResult,
  operation: StreamOperation,
  sink: FrameSink,
): Promise<void> {
  const { id, signal } = operation;
  for await (const result of isStream(results) ? results : [results as ExecutionResult]) {
    const payload = payloadOf(result);
    if (payload) await sink.write(() => nextFrame(id, payload), signal);
    if (signal.aborted) return;
  }
  // Not for an operation that the client, the key or the server has ended.
  await sink.write(() => completeFrame(id), signal);
}

const nextFrame = (id: string, payload: Buffer): string =>
  `event: next\ndata: {"id":${JSON.stringify(id)},"payload":${payload}}\n\n`;

const completeFrame = (id: string): string =>
  `event: complete\ndata: {"id":${JSON.stringify(id)}}\n\n`;
