import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLError,
} from 'graphql';
import type { RequestContext } from '../../../schema/kernel/context.ts';
import type { Following } from '../../engine/changes/hub.ts';
import type { StreamReset } from '../../engine/changes/resume.ts';
import { isStorageUnavailable } from '../../platform/storage-errors.ts';
import { createDeliveries } from './deliveries.ts';

/** What the server adds to the schema's context. */
export interface OperationContext extends RequestContext {
  /** A context for deliveries: what has been loaded for some must not be shown by later ones. */
  forDelivery(): OperationContext;
  /** Ends the stream when the key is revoked; answers how to deregister. */
  onRevoked(close: () => void): () => void;
  /** Ends what the operation does, with the reason it fails for. */
  abort(reason: Error): void;
  /** The operation is answered. */
  end(): Promise<void>;
}

/**
 * Takes the place of graphql's own `subscribe`. Changes that are at hand together are delivered from one
 * context and one transaction, so that a burst costs a few queries, not a few each; the next ones get a
 * fresh context, so that nothing stale is delivered. Each delivery has its cursor in `extensions`.
 */
export async function subscribe(
  args: ExecutionArgs,
  { heartbeatMs }: { heartbeatMs?: number } = {},
): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> {
  const context = args.contextValue as OperationContext;
  const source = await createSourceEventStream(args).finally(() => context.release());
  if (!(Symbol.asyncIterator in source)) return source;
  // Every subscription field follows the change log.
  return createDeliveries(source as Following<unknown>, (events) => deliver(args, events), {
    heartbeatMs,
    signal: context.signal,
    onRevoked: context.onRevoked,
  });
}

/** Undefined when the database failed one of them: a client's cursor must not move past a failed delivery. */
async function deliver(args: ExecutionArgs, events: readonly unknown[]) {
  const results = await executeTogether(args, events);
  return results.some(({ errors }) => errors?.some(isStorageFailure)) ? undefined : results;
}

async function executeTogether(args: ExecutionArgs, events: readonly unknown[]) {
  const contextValue = (args.contextValue as OperationContext).forDelivery();
  try {
    return await Promise.all(
      events.map(async (rootValue): Promise<ExecutionResult> => {
        const result = await execute({ ...args, rootValue, contextValue });
        // Fields that are still running add to the list of an answer that is complete already.
        const errors = result.errors && { errors: [...result.errors] };
        return {
          ...result,
          ...errors,
          extensions: { ...result.extensions, ...placeOf(rootValue) },
        };
      }),
    );
  } finally {
    await contextValue.end();
  }
}

const isStorageFailure = (error: GraphQLError) => isStorageUnavailable(error.originalError);

/** The cursor of a change; of a reset what a client must know that does not select it, and no cursor to resume from. */
function placeOf(event: unknown) {
  const { cursor, reset } = event as { cursor?: string; reset?: StreamReset };
  if (reset) return { stream: { reset: { reason: reset.reason, cursor: reset.cursor } } };
  return cursor === undefined ? {} : { cursor };
}
