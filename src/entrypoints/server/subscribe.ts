import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLError,
} from 'graphql';
import type { RequestContext } from '../../../schema/kernel/context.ts';
import type { ChangeStream } from '../../engine/changes/hub.ts';
import type { StreamReset } from '../../engine/changes/resume.ts';
import { isStorageUnavailable } from '../../platform/storage-errors.ts';
import { createDeliveries } from './deliveries.ts';

/** The schema's context with what the server adds. */
export interface OperationContext extends RequestContext {
  /** Creates a context for one delivery, so that later deliveries do not reuse loaded data. */
  forDelivery(): OperationContext;
  /** Calls `close` when the key is revoked. Returns a function that deregisters. */
  onRevoked(close: () => void): () => void;
  /** Aborts the operation; it fails with the reason. */
  abort(reason: Error): void;
  /** Ends the operation's transaction. */
  end(): Promise<void>;
}

/**
 * Replaces graphql's own `subscribe`. Available changes are delivered as a batch from one context and one transaction,
 * so that a burst costs few queries. Each batch has a new context, so that no stale data is delivered. Each
 * delivery has its cursor in `extensions`.
 */
export async function subscribe(
  args: ExecutionArgs,
  { heartbeatMs }: { heartbeatMs?: number } = {},
): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> {
  const context = args.contextValue as OperationContext;
  const source = await createSourceEventStream(args).finally(() => context.release());
  if (!(Symbol.asyncIterator in source)) return source;
  // Every subscription field follows the change log.
  return createDeliveries(source as ChangeStream<unknown>, (events) => deliver(args, events), {
    heartbeatMs,
    signal: context.signal,
    onRevoked: context.onRevoked,
  });
}

/** Undefined when the database failed for one of them: a client's cursor must not pass a failed delivery. */
async function deliver(args: ExecutionArgs, events: readonly unknown[]) {
  const results = await executeBatch(args, events);
  return results.some(({ errors }) => errors?.some(isStorageFailure)) ? undefined : results;
}

async function executeBatch(args: ExecutionArgs, events: readonly unknown[]) {
  const contextValue = (args.contextValue as OperationContext).forDelivery();
  try {
    return await Promise.all(
      events.map(async (rootValue): Promise<ExecutionResult> => {
        const result = await execute({ ...args, rootValue, contextValue });
        // Copied, because resolvers that are still running append errors to the list of a complete result.
        const errors = result.errors && { errors: [...result.errors] };
        return {
          ...result,
          ...errors,
          extensions: { ...result.extensions, ...streamExtensions(rootValue) },
        };
      }),
    );
  } finally {
    await contextValue.end();
  }
}

const isStorageFailure = (error: GraphQLError) => isStorageUnavailable(error.originalError);

/** For a change its cursor; for a reset its details, for clients that do not select it, and no cursor to resume from. */
function streamExtensions(event: unknown) {
  const { cursor, reset } = event as { cursor?: string; reset?: StreamReset };
  if (reset) return { stream: { reset: { reason: reset.reason, cursor: reset.cursor } } };
  return cursor === undefined ? {} : { cursor };
}
