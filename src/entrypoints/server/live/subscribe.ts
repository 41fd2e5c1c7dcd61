import { createSourceEventStream, type ExecutionArgs, type ExecutionResult } from 'graphql';
import type { Followed } from '../../../engine/changes/followed.ts';
import { createDeliveries } from './deliveries.ts';
import type { StreamResult } from './delivery.ts';
import type { LiveHub } from './live-hub.ts';
import type { OperationContext } from './operation-context.ts';

export interface SubscribeOptions {
  hub: LiveHub;
  heartbeatMs?: number;
}

/**
 * Replaces graphql's own `subscribe`: the resolver of a subscription only says what it follows, and the hub reads,
 * executes and serialises each change once for all subscriptions that are delivered the same. Where an outlet writes
 * them, there is no stream to pull.
 */
export async function subscribe(
  args: ExecutionArgs,
  { hub, heartbeatMs }: SubscribeOptions,
): Promise<ExecutionResult | AsyncIterableIterator<StreamResult>> {
  const { contextValue, rootValue: _, ...operation } = args;
  const context = contextValue as OperationContext;
  const { principal, signal, onEnd, outlet } = context;
  // The stream outlives this transaction by hours.
  const source = await openSource(args).finally(() => context.release());
  if (!isFollowed(source)) return source;
  if (!principal) throw new Error('A subscription without a key was not refused');
  const stream = hub.open(operation, principal, source);
  if (!outlet) return createDeliveries(stream, { heartbeatMs, signal, onEnd });
  outlet.start(stream);
  return {};
}

type Source = ExecutionResult | Followed<unknown>;

/** Every subscription field follows the change log. */
const openSource = (args: ExecutionArgs) => createSourceEventStream(args) as Promise<Source>;

const isFollowed = (source: Source): source is Followed<unknown> => 'interest' in source;
