import { setTimeout } from 'node:timers/promises';
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLError,
} from 'graphql';
import type { RequestContext } from '../../schema/context.ts';
import { isStorageUnavailable } from '../platform/storage-errors.ts';
import { readAhead } from './read-ahead.ts';

const retryMs = 500;
const mostTogether = 64;

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

type Delivery = ExecutionResult & { extensions: { cursor?: string } };

/**
 * Takes the place of graphql's own `subscribe`. Changes that are at hand together are delivered from one
 * context and one transaction, so that a burst costs a few queries, not a few each; the next ones get a
 * fresh context, so that nothing stale is told. Each delivery tells its cursor in `extensions`.
 */
export async function subscribe(
  args: ExecutionArgs,
): Promise<ExecutionResult | AsyncIterableIterator<Delivery>> {
  const context = args.contextValue as OperationContext;
  const source = await createSourceEventStream(args).finally(() => context.release());
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]();
  const ahead = readAhead(events, mostTogether);
  const made: Delivery[] = [];
  let over = false;
  const stop = async () => {
    over = true;
    deregister();
    await events.return?.();
    return { done: true as const, value: undefined };
  };
  const deregister = context.onRevoked(() => void stop());
  const deliveries: AsyncIterableIterator<Delivery> = {
    async next() {
      try {
        if (made.length === 0) made.push(...(await deliver(args, await ahead.take(), () => over)));
        const value = made.shift();
        return value && !over ? { done: false, value } : stop();
      } catch (error) {
        // Nobody returns from an iterator that has failed.
        await stop();
        throw error;
      }
    },
    return: stop,
    async throw(error) {
      await stop();
      throw error;
    },
    [Symbol.asyncIterator]: () => deliveries,
  };
  return deliveries;
}

/**
 * What is delivered moves the client's cursor on, so a delivery that the database failed is tried again
 * until it succeeds or nobody waits for it any more.
 */
async function deliver(args: ExecutionArgs, events: unknown[], isOver: () => boolean) {
  for (;;) {
    const results = await executeTogether(args, events);
    const failed = results.some(({ errors }) => errors?.some(isStorageFailure));
    if (!failed || isOver()) return results;
    await setTimeout(retryMs);
  }
}

async function executeTogether(args: ExecutionArgs, events: unknown[]): Promise<Delivery[]> {
  const contextValue = (args.contextValue as OperationContext).forDelivery();
  try {
    return await Promise.all(
      events.map(async (rootValue) => {
        const result = await execute({ ...args, rootValue, contextValue });
        // Fields that are still running add to the list of an answer that is complete already.
        const errors = result.errors && { errors: [...result.errors] };
        return {
          ...result,
          ...errors,
          extensions: { ...result.extensions, ...cursorOf(rootValue) },
        };
      }),
    );
  } finally {
    await contextValue.end();
  }
}

const isStorageFailure = (error: GraphQLError) => isStorageUnavailable(error.originalError);

/** Every source event is a change with its cursor, or the news that the stream starts over. */
function cursorOf(event: unknown): { cursor?: string } {
  const { cursor, reset } = event as { cursor?: string; reset?: { cursor: string } };
  const at = cursor ?? reset?.cursor;
  return at === undefined ? {} : { cursor: at };
}
