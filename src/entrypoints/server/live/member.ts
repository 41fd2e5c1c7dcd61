import type { Delivery } from './delivery.ts';
import type { GroupView, Member } from './group-view.ts';

const nothing: readonly Delivery[] = [];

/** A class, because a server has many thousands of members. */
export class GroupMember implements Member {
  readonly #group: GroupView;
  readonly #wake: () => void;
  readonly #producedBefore: number;
  /** Later deliveries are produced while it is a member. */
  readonly #lastBefore: bigint;
  #position: bigint;
  #takenLive = 0;
  #skipped = 0;
  #hasLeft = false;

  constructor(group: GroupView, joinedAt: bigint, wake: () => void) {
    this.#group = group;
    this.#wake = wake;
    this.#producedBefore = group.produced();
    this.#lastBefore = group.examined();
    this.#position = joinedAt;
  }

  wake() {
    this.#wake();
  }

  position() {
    return this.#position;
  }

  waiting() {
    return this.#group.produced() - this.#producedBefore - this.#skipped - this.#takenLive;
  }

  skip(count: number) {
    this.#skipped += count;
  }

  take(maxBytes: number): readonly Delivery[] {
    if (this.#hasLeft) return nothing;
    const group = this.#group;
    const past = this.#nextPast();
    const isPast = past !== undefined && past.length > 0;
    const next = past?.length === 0 ? group.keptAfter(this.#position) : past;
    const taken = next ? limitBytes(next, maxBytes) : nothing;
    const last = taken.at(-1)?.position;
    if (last === undefined) return this.#failIfOver();
    this.#position = last;
    const live = taken.filter(({ position = 0n }) => position > this.#lastBefore).length;
    this.#takenLive += live;
    group.onTaken({ position: last, count: taken.length, live, isPast });
    return taken;
  }

  examined() {
    this.#advance();
    return this.#group.cursorAt(this.#position);
  }

  lag() {
    this.#advance();
    return Math.max(0, Number(this.#group.head() - this.#position));
  }

  leave() {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#group.leave(this);
  }

  /** Moves past changes that are not of interest. */
  #advance() {
    const group = this.#group;
    const isBehind = this.#position < group.floor() || group.keptAfter(this.#position).length > 0;
    if (!isBehind && group.examined() > this.#position) this.#position = group.examined();
  }

  /** From the log, for a member that is behind what the group keeps; undefined while that is being loaded. */
  #nextPast(): readonly Delivery[] | undefined {
    while (this.#position < this.#group.floor()) {
      const past = this.#group.past(this.#position, this);
      if (!past) return undefined;
      const next = past.deliveries.filter(({ position = 0n }) => position > this.#position);
      if (next.length > 0) return next;
      this.#position = past.upTo;
    }
    return nothing;
  }

  #failIfOver() {
    const failure = this.#group.failure();
    if (failure) throw failure.error;
    return nothing;
  }
}

function limitBytes(deliveries: readonly Delivery[], maxBytes: number): readonly Delivery[] {
  let bytes = 0;
  const end = deliveries.findIndex(({ payload }, index) => {
    bytes += payload.length;
    return index > 0 && bytes > maxBytes;
  });
  return end === -1 ? deliveries : deliveries.slice(0, end);
}
