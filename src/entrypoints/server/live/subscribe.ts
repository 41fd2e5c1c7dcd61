import { createSourceEventStream, type ExecutionArgs, type ExecutionResult } from 'graphql';
import type { Followed } from '../../../engine/changes/followed.ts';
import { createDeliveries } from './deliveries.ts';
import type { StreamResult } from './delivery.ts';
import type { LiveHub } from './live-hub.ts';
import type { OperationContext } from './operation-context.ts';
import type { SharedSnapshots } from './shared-snapshots.ts';

export interface SubscribeOptions {
  hub: LiveHub;
  /** In which the resolvers of subscriptions run. */
  starts: SharedSnapshots;
  heartbeatMs?: number;
}

/**
 * Replaces graphql's own `subscribe`: the resolver of a subscription only says what it follows, and the hub reads,
 * executes and serialises each change once for all subscriptions that are delivered the same. Where an outlet writes
 * them, there is no stream to pull.
 */
export async function subscribe(
  args: ExecutionArgs,
  { hub, starts, heartbeatMs }: SubscribeOptions,
): Promise<ExecutionResult | AsyncIterableIterator<StreamResult>> {
  const { contextValue, rootValue: _, ...operation } = args;
  const context = contextValue as OperationContext;
  const { principal, signal, onEnd, outlet } = context;
  // Without a key it is refused; from where an event stream resumes belongs to its own context.
  const source =
    principal && context.lastEventId === undefined
      ? await starts.run(principal, (shared) => openSource({ ...args, contextValue: shared }))
      : await openSource(args).finally(() => context.release());
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
