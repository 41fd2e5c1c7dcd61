import { GraphQLError } from 'graphql';
import type { Principal } from '../../../access/principal.ts';
import { formatCursor } from '../../../engine/changes/cursor.ts';
import type { Followed, StreamItem } from '../../../engine/changes/followed.ts';
import type { FollowedLogs } from '../../../engine/changes/followed-logs.ts';
import type { StreamReset } from '../../../engine/changes/resume.ts';
import { type Delivery, encodeResult } from './delivery.ts';
import { createDeliveryGroup, type DeliveryGroup } from './delivery-group.ts';
import { executeItems } from './execute-items.ts';
import { createLiveCounts, type EndReason, type LiveCounts } from './live-counts.ts';
import type { LiveStream } from './live-stream.ts';
import type { Operation } from './operation-context.ts';
import { shareKey } from './share-key.ts';
import type { SharedSnapshots } from './shared-snapshots.ts';

/** Delivers changes to subscriptions; those that are delivered the same share the work. Decisions 0036 and 0037. */
export interface LiveHub {
  open(operation: Operation, principal: Principal, source: Followed<unknown>): LiveStream;
  counts: LiveCounts;
  groups(): number;
  /** The members of all groups. */
  subscriptions(): number;
  /** The changes that the slowest of them has not examined. */
  slowestLag(): number;
}

export function createLiveHub(options: {
  logs: FollowedLogs;
  /** Of which changes are executed. */
  snapshots: SharedSnapshots;
  toClientError(error: unknown): GraphQLError;
}): LiveHub {
  const { logs, snapshots, toClientError } = options;
  const groups = new Map<string, DeliveryGroup>();
  const counts = createLiveCounts();

  async function deliver(
    { operation, principal }: { operation: Operation; principal: Principal },
    items: readonly unknown[],
  ): Promise<Delivery[]> {
    const results = await snapshots.run(
      principal,
      (context) => executeItems(operation, items, context),
      items.length,
    );
    return results.map(({ errors, ...result }, index) => {
      const { delivered, extensions } = describe(items[index]);
      const payload = encodeResult({
        ...result,
        ...(errors && { errors: errors.map(toClientError) }),
        extensions: { ...result.extensions, ...extensions },
      });
      return { ...delivered, payload };
    });
  }

  function createGroup(
    key: string,
    of: { operation: Operation; principal: Principal; source: Followed<unknown> },
  ): DeliveryGroup | undefined {
    const { source, principal } = of;
    if ('reset' in source.start) return undefined;
    const { workspaceId } = principal;
    const tail = logs.join(workspaceId, source.start.head);
    const { epoch } = tail;
    const toItem = (change: StreamChange) =>
      source.toItem({ change, cursor: formatCursor({ epoch, position: change.position }) });
    const group = createDeliveryGroup({
      tail,
      interest: source.interest,
      counts,
      deliver: async (changes) => {
        const deliveries = await deliver(of, changes.map(toItem));
        counts.executed += deliveries.length;
        return deliveries.map((delivery, index) => ({
          ...delivery,
          position: changes[index]?.position,
          recordedAt: changes[index]?.recordedAt,
        }));
      },
      onEnd() {
        groups.delete(key);
        logs.leave(workspaceId);
      },
    });
    groups.set(key, group);
    return group;
  }

  function withCursor(error: Error, cursor: string | undefined) {
    const { message, extensions } = toClientError(error);
    return new GraphQLError(message, {
      extensions: { ...extensions, ...(cursor !== undefined && { cursor }) },
    });
  }

  const members = () => [...groups.values()].flatMap((group) => [...group.members()]);

  return {
    counts,
    groups: () => groups.size,
    subscriptions: () => members().length,
    slowestLag: () => members().reduce((slowest, member) => Math.max(slowest, member.lag()), 0),
    open(operation, principal, source) {
      const { start, first, interest } = source;
      const of = { operation, principal, source };
      const onEnd = (reason: EndReason) => {
        counts.ends[reason] += 1;
      };
      if ('reset' in start) {
        counts.resets[start.reset.reason] += 1;
        return {
          onEnd,
          toClientError: withCursor,
          cursor: undefined,
          first: () => deliver(of, [source.toItem(start)]),
          join: undefined,
        };
      }
      if (start.isResumed) counts.resumptions += 1;
      const key = shareKey(operation, principal, interest);
      return {
        onEnd,
        toClientError: withCursor,
        cursor: first === undefined ? formatCursor(start) : undefined,
        first: async () => (first === undefined ? [] : deliver(of, [first])),
        join(wake) {
          const group = groups.get(key) ?? createGroup(key, of);
          if (!group) throw new Error('A stream that was reset has no group');
          return group.join(start.position, wake);
        },
      };
    },
  };
}

type StreamChange = Extract<StreamItem, { change: unknown }>['change'];

/** For a change its cursor; for a reset its details, for clients that do not select it, and no cursor to resume from. */
function describe(item: unknown) {
  const { cursor, reset } = item as { cursor?: string; reset?: StreamReset };
  const delivered = { position: undefined, recordedAt: undefined, cursor };
  if (reset) {
    const { reason } = reset;
    return {
      delivered: { ...delivered, cursor: undefined },
      extensions: { stream: { reset: { reason, cursor: reset.cursor } } },
    };
  }
  return { delivered, extensions: cursor === undefined ? {} : { cursor } };
}
