import type { Delivery } from './delivery.ts';
import type { GroupHistory } from './group-history.ts';

/** A subscriber's place in its group. */
export interface Member {
  /**
   * The next deliveries, at least one where there is one, and none that exceeds `maxBytes` together with those before.
   * None at the moment: `wake` is called when there may be more.
   *
   * @throws the error of the group, after its last delivery
   */
  take(maxBytes: number): readonly Delivery[];
  /** Everything up to here was taken. */
  position(): bigint;
  /** The cursor up to which everything was taken; moves on where few changes are of interest. */
  examined(): string;
  /** The number of deliveries that were produced for it since it joined and not taken. */
  waiting(): number;
  /** So many deliveries were produced for positions before the one it joined at. */
  skip(count: number): void;
  /** The number of changes of the log that it has not examined. */
  lag(): number;
  /** Called by the group when there may be more to take. */
  wake(): void;
  leave(): void;
}

/** Deliveries that a member took. */
export interface Taken {
  /** That of the last one. */
  position: bigint;
  count: number;
  /** How many of them were produced since the member joined. */
  live: number;
  /** Whether the group no longer kept them. */
  isPast: boolean;
}

/** What a member sees of its group. */
export interface GroupView {
  cursorAt(position: bigint): string;
  /** Everything after this position, up to `examined`, is kept. */
  floor(): bigint;
  examined(): bigint;
  /** The position up to which the server has read the log. */
  head(): bigint;
  /** The number of deliveries produced so far. */
  produced(): number;
  failure(): { error: unknown } | undefined;
  keptAfter(position: bigint): readonly Delivery[];
  /** What followed the position, if it is loaded; else `wake` is called when it is. */
  past: GroupHistory['after'];
  onTaken(taken: Taken): void;
  leave(member: Member): void;
}
