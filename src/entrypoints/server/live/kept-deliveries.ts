import type { Delivery } from './delivery.ts';

/** The latest deliveries of a group, for members that have not taken them yet. Bounded in number and bytes. */
export interface KeptDeliveries {
  /** All deliveries after this position are kept. */
  floor(): bigint;
  add(deliveries: readonly Delivery[]): void;
  after(position: bigint): readonly Delivery[];
  /** Whether so much after the position is kept that more would drop what nobody has taken. */
  isFullAfter(position: bigint): boolean;
  /** Drops what all members have taken, up to the position of the slowest, and what is more than is kept for it. */
  drop(slowest: bigint): void;
}

/** Kept for the slow members; twice as many at most. */
const maxKept = 128;
const maxKeptBytes = 512 * 1024;

export function createKeptDeliveries(start: bigint): KeptDeliveries {
  let kept: Delivery[] = [];
  let floor = start;

  /** Members are close to the end, so the search begins there. */
  function after(position: bigint): readonly Delivery[] {
    let index = kept.length;
    while ((kept[index - 1]?.position ?? position) > position) index -= 1;
    return kept.slice(index);
  }

  /** How many of the oldest are too many; cut in large steps, because each one copies the array. */
  function surplus() {
    if (kept.length <= 2 * maxKept && sumBytes(kept) <= 2 * maxKeptBytes) return 0;
    let count = 0;
    let bytes = 0;
    while (count < maxKept && count < kept.length && bytes < maxKeptBytes) {
      count += 1;
      bytes += kept.at(-count)?.payload.length ?? 0;
    }
    return kept.length - count;
  }

  return {
    floor: () => floor,
    after,
    add: (deliveries) => void kept.push(...deliveries),
    isFullAfter(position) {
      const untaken = after(position);
      return untaken.length >= maxKept || sumBytes(untaken) >= maxKeptBytes;
    },
    drop(slowest) {
      const dropped = Math.max(surplus(), kept.length - after(slowest).length);
      if (dropped === 0) return;
      floor = kept[dropped - 1]?.position ?? floor;
      kept = kept.slice(dropped);
    },
  };
}

export const sumBytes = (deliveries: readonly Delivery[]): number =>
  deliveries.reduce((sum, { payload }) => sum + payload.length, 0);
