import { setImmediate } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import type { Change } from '../../src/engine/changes/kinds.ts';
import type { Interest } from '../../src/engine/changes/topic.ts';
import type { Delivery } from '../../src/entrypoints/server/live/delivery.ts';
import {
  createDeliveryGroup,
  type DeliveryGroup,
} from '../../src/entrypoints/server/live/delivery-group.ts';
import type { Member } from '../../src/entrypoints/server/live/group-view.ts';
import { createLiveCounts, type EndReason } from '../../src/entrypoints/server/live/live-counts.ts';
import type { LiveStream } from '../../src/entrypoints/server/live/live-stream.ts';
import { StorageUnavailable } from '../../src/platform/errors.ts';
import { createChangeLog, positionsOf } from './change-log.ts';

export const toDelivery = ({ position, recordedAt }: Change): Delivery => ({
  position,
  cursor: `testepoch.${position}`,
  recordedAt,
  payload: Buffer.from(`{"data":${position}}`),
});

/** What a stream is delivered before the changes. */
export const stateDelivery: Delivery = {
  position: undefined,
  cursor: 'testepoch.0',
  recordedAt: undefined,
  payload: Buffer.from('{"data":"state"}'),
};

/** Groups of subscriptions to a log in memory. */
export function createLiveLog(start = 0) {
  const log = createChangeLog();
  log.grow(start);
  const tail = log.openTail(start);
  const counts = createLiveCounts();
  return {
    ...log,
    tail,
    counts,
    /** Appends changes and tells the groups. */
    async publish(count: number, change: Partial<Change> = {}) {
      log.grow(count, change);
      await tail.wake();
    },
    openGroup({ interest = [] }: { interest?: Interest } = {}) {
      const executed: number[] = [];
      const state = {
        ended: 0,
        failure: undefined as Error | undefined,
        /** The storage fails once when this position is executed. */
        failsAt: 0,
      };
      const group = createDeliveryGroup({
        tail,
        interest,
        counts,
        async deliver(changes) {
          await setImmediate();
          if (state.failure) throw state.failure;
          if (positionsOf(changes).includes(state.failsAt)) {
            state.failsAt = 0;
            throw new StorageUnavailable();
          }
          executed.push(...positionsOf(changes));
          return changes.map(toDelivery);
        },
        onEnd() {
          state.ended += 1;
        },
      });
      return { group, executed, state };
    },
  };
}

/** A member that takes when it is told to; a slow one does other work in between. */
export function joinGroup(
  group: DeliveryGroup,
  position: number,
  { maxBytes = 64 * 1024, isSlow = false } = {},
) {
  const taken: number[] = [];
  let onWake: () => void = () => undefined;
  const member = group.join(BigInt(position), () => onWake());

  /** Takes once; returns the number of deliveries. */
  function take() {
    const deliveries = member.take(maxBytes);
    taken.push(...positionsOf(deliveries));
    return deliveries.length;
  }

  return {
    examined: () => member.examined(),
    leave: () => member.leave(),
    taken,
    take,
    /** Takes until there were so many deliveries in all. */
    async takeUntil(count: number) {
      while (taken.length < count) {
        const woken = new Promise<void>((resolve) => {
          onWake = resolve;
        });
        if (take() === 0) await woken;
        if (isSlow) await settle();
      }
      return taken;
    },
  };
}

/** A stream of a group as the hub opens it, the reasons of its end, and the member that it joined as. */
export function openStream(group: DeliveryGroup, stream: Partial<LiveStream> = {}) {
  const ends: EndReason[] = [];
  let member: Member | undefined;
  const opened: LiveStream = {
    cursor: 'testepoch.0',
    first: async () => [],
    join(wake) {
      member = group.join(0n, wake);
      return member;
    },
    toClientError: ({ message }, cursor) => new GraphQLError(message, { extensions: { cursor } }),
    onEnd: (reason) => void ends.push(reason),
    ...stream,
  };
  return { stream: opened, ends, position: () => member?.position() };
}

/** Waits until work in memory has nothing left to do. */
export async function settle() {
  for (let turn = 0; turn < 50; turn += 1) await setImmediate();
}
