import type { Delivery } from './delivery.ts';
import type { GroupView, Member } from './group-view.ts';

const nothing: readonly Delivery[] = [];

export function createMember(group: GroupView, joinedAt: bigint, wake: () => void): Member {
  let position = joinedAt;
  const { produced } = group;
  const producedBefore = produced();
  /** Later deliveries are produced while it is a member. */
  const lastBefore = group.examined();
  let takenLive = 0;
  let skipped = 0;
  let hasLeft = false;

  /** From the log, for a member that is behind what the group keeps; undefined while that is being loaded. */
  function nextPast(): readonly Delivery[] | undefined {
    while (position < group.floor()) {
      const past = group.past(position, wake);
      if (!past) return undefined;
      const next = past.deliveries.filter(({ position: at = 0n }) => at > position);
      if (next.length > 0) return next;
      position = past.upTo;
    }
    return nothing;
  }

  function take(maxBytes: number): readonly Delivery[] {
    if (hasLeft) return nothing;
    const past = nextPast();
    if (!past) return failIfOver();
    const isPast = past.length > 0;
    const taken = limitBytes(isPast ? past : group.keptAfter(position), maxBytes);
    if (taken.length === 0) return failIfOver();
    position = taken.at(-1)?.position ?? position;
    const live = taken.filter(({ position: at = 0n }) => at > lastBefore).length;
    takenLive += live;
    group.onTaken({ position, count: taken.length, live, isPast });
    return taken;
  }

  function failIfOver() {
    const failure = group.failure();
    if (failure) throw failure.error;
    return nothing;
  }

  const waiting = () => produced() - producedBefore - skipped - takenLive;
  const member: Member = {
    take,
    position: () => position,
    waiting,
    skip(count) {
      skipped += count;
    },
    examined() {
      const isBehind = position < group.floor() || group.keptAfter(position).length > 0;
      if (!isBehind && group.examined() > position) position = group.examined();
      return group.cursorAt(position);
    },
    leave() {
      if (hasLeft) return 0;
      hasLeft = true;
      group.leave(member, wake);
      return waiting();
    },
  };
  return member;
}

function limitBytes(deliveries: readonly Delivery[], maxBytes: number): readonly Delivery[] {
  let bytes = 0;
  const end = deliveries.findIndex(({ payload }, index) => {
    bytes += payload.length;
    return index > 0 && bytes > maxBytes;
  });
  return end === -1 ? deliveries : deliveries.slice(0, end);
}
