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

const retryMs = 500;

/** What the server adds to the schema's context. */
export interface OperationContext extends RequestContext {
  /** A context for one delivery: what one delivery has loaded must not be shown by the next. */
  forDelivery(): OperationContext;
  /** Ends the stream when the key is revoked; answers how to deregister. */
  onRevoked(close: () => void): () => void;
  /** The operation is answered. */
  end(): Promise<void>;
}

type Delivery = ExecutionResult & { extensions: { cursor?: string } };

/**
 * Takes the place of graphql's own `subscribe`: every delivery gets a context and a transaction of its
 * own, and tells its cursor in `extensions`.
 */
export async function subscribe(
  args: ExecutionArgs,
): Promise<ExecutionResult | AsyncIterableIterator<Delivery>> {
  const context = args.contextValue as OperationContext;
  const source = await createSourceEventStream(args).finally(() => context.release());
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]();
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
        const event = await events.next();
        if (event.done) return stop();
        return { done: false, value: await deliver(args, event.value, () => over) };
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
async function deliver(
  args: ExecutionArgs,
  event: unknown,
  isOver: () => boolean,
): Promise<Delivery> {
  for (;;) {
    const result = await executeOnce(args, event);
    if (isOver() || !result.errors?.some(isStorageFailure)) {
      return { ...result, extensions: { ...result.extensions, ...cursorOf(event) } };
    }
    await setTimeout(retryMs);
  }
}

async function executeOnce(args: ExecutionArgs, event: unknown): Promise<ExecutionResult> {
  const context = (args.contextValue as OperationContext).forDelivery();
  try {
    return await execute({ ...args, rootValue: event, contextValue: context });
  } finally {
    await context.end();
  }
}

const isStorageFailure = (error: GraphQLError) => isStorageUnavailable(error.originalError);

/** Every source event is a change with its cursor, or the news that the stream starts over. */
function cursorOf(event: unknown): { cursor?: string } {
  const { cursor, reset } = event as { cursor?: string; reset?: { cursor: string } };
  const at = cursor ?? reset?.cursor;
  return at === undefined ? {} : { cursor: at };
}
