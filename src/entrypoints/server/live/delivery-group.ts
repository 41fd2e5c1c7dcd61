import { setTimeout } from 'node:timers/promises';
import { formatCursor } from '../../../engine/changes/cursor.ts';
import type { Change } from '../../../engine/changes/kinds.ts';
import type { LogPage } from '../../../engine/changes/log-page.ts';
import type { LogTail } from '../../../engine/changes/log-tail.ts';
import type { Interest } from '../../../engine/changes/topic.ts';
import { isTransient } from '../../../platform/storage-errors.ts';
import type { Delivery } from './delivery.ts';
import { createGroupHistory } from './group-history.ts';
import type { GroupView, Member } from './group-view.ts';
import { createKeptDeliveries } from './kept-deliveries.ts';
import type { LiveCounts } from './live-counts.ts';
import { GroupMember } from './member.ts';

/** Changes that are executed at a time. */
const batchSize = 64;
const retryMs = 500;

export interface GroupOptions {
  tail: LogTail;
  interest: Interest;
  /** Executes changes. */
  deliver(changes: readonly Change[]): Promise<Delivery[]>;
  counts: LiveCounts;
  /** The last member has left, or the group has failed. */
  onEnd(): void;
}

/** Subscribers that are delivered the same: each change is read, executed and serialised once for all of them. */
export interface DeliveryGroup {
  /** Delivers everything after the position. `wake` is called when there may be something to take. */
  join(position: bigint, wake: () => void): Member;
  members(): Iterable<Member>;
}

/**
 * Creates a group. Deliveries are kept for members that have not taken them; a member that is further behind is
 * delivered from the log, page by page, so that it costs a position and no queue. A group reads on only when the
 * fastest member has taken most of what is kept, so that a burst does not run ahead of everyone.
 * Decision 0036.
 */
export function createDeliveryGroup(options: GroupOptions): DeliveryGroup {
  const { tail, interest, deliver, counts } = options;
  const members = new Set<Member>();
  /** Members that joined ahead of the group, and where: the server may read the log later than they did. */
  const ahead = new Map<Member, bigint>();
  const kept = createKeptDeliveries(tail.head());
  /** While running, the position up to which changes were delivered; otherwise that is the head. */
  let reached = tail.head();
  let isRunning = false;
  let isOver = false;
  let failure: { error: unknown } | undefined;
  let produced = 0;
  let furthestTaken = 0n;
  let onRoom: () => void = () => undefined;

  const unfollow = tail.follow(interest, (after) => {
    if (isRunning || isOver) return;
    reached = after;
    void run();
  });
  const load = retrying(() => isOver);
  const history = createGroupHistory({
    pageAfter: (position) => load(() => tail.pageAfter(position)),
    deliver: (page) => load(() => deliverPast(page)),
    onFailure: fail,
  });

  async function run() {
    isRunning = true;
    try {
      while (!isOver && reached < tail.head()) await load(deliverNextPage);
    } catch (error) {
      fail(error);
    }
    isRunning = false;
  }

  async function deliverNextPage() {
    const page = await tail.pageAfter(reached);
    const changes = (await page.select(interest)).filter(({ position }) => position > reached);
    for (let start = 0; start < changes.length && !isOver; start += batchSize) {
      await waitForRoom();
      keep(await deliver(changes.slice(start, start + batchSize)));
    }
    reached = page.upTo;
  }

  function keep(deliveries: readonly Delivery[]) {
    kept.add(deliveries);
    reached = deliveries.at(-1)?.position ?? reached;
    produced += deliveries.length;
    counts.onProduced(deliveries.length * members.size - skipAhead(deliveries));
    kept.drop(slowestPosition());
    for (const member of members) member.wake();
  }

  /** What members that joined ahead are not delivered is not due to them. Returns how much that is. */
  function skipAhead(deliveries: readonly Delivery[]) {
    let skipped = 0;
    for (const [member, joinedAt] of ahead) {
      const count = deliveries.filter(({ position = 0n }) => position <= joinedAt).length;
      member.skip(count);
      skipped += count;
      if (reached >= joinedAt) ahead.delete(member);
    }
    return skipped;
  }

  function slowestPosition() {
    let slowest = reached;
    for (const member of members) {
      if (member.position() < slowest) slowest = member.position();
    }
    return slowest;
  }

  async function waitForRoom() {
    while (!isOver && kept.isFullAfter(furthestTaken)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      onRoom = resolve;
      await promise;
    }
  }

  /** The fastest member is at this position. */
  function makeRoom(position: bigint) {
    if (position <= furthestTaken) return;
    furthestTaken = position;
    onRoom();
  }

  async function deliverPast(page: LogPage) {
    const changes = await page.select(interest);
    const deliveries: Delivery[] = [];
    for (let start = 0; start < changes.length && !isOver; start += batchSize) {
      deliveries.push(...(await deliver(changes.slice(start, start + batchSize))));
    }
    return deliveries;
  }

  function end() {
    if (isOver) return;
    isOver = true;
    unfollow();
    onRoom();
    options.onEnd();
  }

  function fail(error: unknown) {
    failure = { error };
    end();
    for (const member of members) member.wake();
  }

  const view: GroupView = {
    cursorAt: (position) => formatCursor({ epoch: tail.epoch, position }),
    floor: kept.floor,
    examined: () => (isRunning ? reached : tail.head()),
    head: tail.head,
    produced: () => produced,
    failure: () => failure,
    keptAfter: kept.after,
    past: history.after,
    onTaken(taken) {
      counts.onTaken(taken);
      makeRoom(taken.position);
    },
    leave(member) {
      members.delete(member);
      ahead.delete(member);
      counts.onLeft(member.waiting());
      history.forget(member);
      if (members.size === 0) end();
    },
  };

  return {
    join(position, wake) {
      const member = new GroupMember(view, position, wake);
      members.add(member);
      if (position > view.examined()) ahead.set(member, position);
      makeRoom(position);
      return member;
    },
    members: () => members,
  };
}

/** Repeats work for as long as the database is away. */
function retrying(isOver: () => boolean) {
  return async <T>(work: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (isOver() || !isTransient(error)) throw error;
        await setTimeout(retryMs);
      }
    }
  };
}
