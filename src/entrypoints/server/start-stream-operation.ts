import type { GraphQLError } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import type { Limits } from '../../access/limits.ts';
import type { ReportFailure } from '../../platform/failures.ts';
import type { EventStream } from './event-stream.ts';
import type { GraphQLServer } from './graphql.ts';
import type { ObserveOperation } from './metrics/operation-metrics.ts';
import { resultOf, runOperation } from './run-operation.ts';
import type { StartQueue } from './start-queue.ts';
import { deliver } from './stream-delivery.ts';
import type { StreamOperation } from './stream-operations.ts';

export interface StartOptions {
  graphql: GraphQLServer;
  limits: Pick<Limits, 'countOperation'>;
  startQueue: StartQueue;
  report: ReportFailure;
  toClientError: (error: unknown) => GraphQLError;
  observe: ObserveOperation;
}

/** Starts an operation under the same limits as over a WebSocket. Returns the errors of one that is refused. */
export async function startStreamOperation(
  { graphql, limits, startQueue, report, toClientError, observe }: StartOptions,
  stream: EventStream,
  operation: StreamOperation,
  payload: SubscribePayload,
): Promise<readonly GraphQLError[]> {
  const { principal, token } = stream;
  const { signal } = operation;

  async function begin() {
    limits.countOperation(token);
    // Otherwise the results of operations would accumulate for a client that does not read its stream.
    do {
      await stream.waitWhileBlocked(signal);
      await startQueue.waitForTurn(principal.keyId, () => signal.aborted);
    } while (stream.isBlocked() && !signal.aborted);
    signal.throwIfAborted();
    return signal;
  }

  const started = await runOperation(
    { graphql, toClientError, observe },
    { principal, begin },
    payload,
  );
  if (signal.aborted) return [];
  if ('length' in started) {
    operation.end();
    return started;
  }
  deliver(resultOf(started), operation, stream)
    .catch((error) => {
      if (signal.aborted) return;
      report(error);
      stream.end();
    })
    .finally(operation.end);
  return [];
}
