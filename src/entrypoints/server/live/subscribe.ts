import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLError,
} from 'graphql';
import type { RequestContext } from '../../../../schema/kernel/context.ts';
import type { ChangeStream } from '../../../engine/changes/hub.ts';
import type { StreamReset } from '../../../engine/changes/resume.ts';
import { isStorageUnavailable } from '../../../platform/storage-errors.ts';
import { createDeliveries } from './deliveries.ts';
import { createResultReader } from './result-reader.ts';
import { shareKey } from './share-key.ts';
import { createSharedReader, type DeliveryGroups } from './shared-reader.ts';

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

export interface SubscribeOptions {
  groups: DeliveryGroups;
  heartbeatMs?: number;
}

/**
 * Replaces graphql's own `subscribe`. Available changes are delivered as a batch from one context and one transaction,
 * so that a burst costs few queries. Each batch has a new context, so that no stale data is delivered. Each
 * delivery has its cursor in `extensions`. Subscriptions that are delivered the same share these results.
 * Decision 0036.
 */
export async function subscribe(
  args: ExecutionArgs,
  { groups, heartbeatMs }: SubscribeOptions,
): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> {
  const context = args.contextValue as OperationContext;
  const { principal } = context;
  const source = await openSource(args).finally(() => context.release());
  if (!isSource(source)) return source;
  const own = readerOf(args, source);
  const reader = principal
    ? createSharedReader({ groups, key: shareKey(args, principal), own, reopen: reopener(args) })
    : own;
  const { signal, onRevoked } = context;
  return createDeliveries(reader, { heartbeatMs, signal, onRevoked });
}

type Source = ExecutionResult | ChangeStream<unknown>;

/** Every subscription field follows the change log. */
const openSource = (args: ExecutionArgs) => createSourceEventStream(args) as Promise<Source>;

const isSource = (source: Source): source is ChangeStream<unknown> =>
  Symbol.asyncIterator in source;

const readerOf = (args: ExecutionArgs, source: ChangeStream<unknown>) =>
  createResultReader(source, (events) => deliver(args, events));

const reopener = (args: ExecutionArgs) => async (cursor: string) => {
  const context = (args.contextValue as OperationContext).forDelivery();
  const contextValue = { ...context, lastEventId: cursor };
  const source = await openSource({ ...args, contextValue }).finally(() => context.end());
  if (isSource(source)) return readerOf(args, source);
  const [error] = source.errors ?? [];
  if (error && isStorageFailure(error)) return undefined;
  throw error ?? new Error('The stream could not be resumed');
};

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
