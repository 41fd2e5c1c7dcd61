import type { ExecutionResult } from 'graphql';
import type { FrameSink } from './event-stream.ts';
import { publicResult } from './public-result.ts';
import { isStream } from './release-at-end.ts';
import type { StreamOperation } from './stream-operations.ts';

/**
 * Writes the results of an operation to its event stream, then `complete`. A result is pulled and encoded only when the
 * client has accepted the one before, so that an operation holds at most one for a slow client.
 */
export async function deliver(
  results: AsyncIterable<ExecutionResult> | ExecutionResult,
  operation: StreamOperation,
  sink: FrameSink,
): Promise<void> {
  const { id, signal } = operation;
  for await (const result of isStream(results) ? results : [results as ExecutionResult]) {
    await sink.waitUntilWritable(signal);
    if (signal.aborted) return;
    sink.write(nextFrame(id, result));
  }
  await sink.waitUntilWritable(signal);
  // Not for an operation that the client, the key or the server has ended.
  if (!signal.aborted) sink.write(completeFrame(id));
}

const nextFrame = (id: string, result: ExecutionResult): string =>
  `event: next\ndata: {"id":${JSON.stringify(id)},"payload":${JSON.stringify(publicResult(result))}}\n\n`;

const completeFrame = (id: string): string =>
  `event: complete\ndata: {"id":${JSON.stringify(id)}}\n\n`;
