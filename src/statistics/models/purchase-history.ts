import { InvalidHistory } from '../refusals.ts';
import { maxTime } from './require.ts';

/**
 * The sufficient statistics of a customer for the purchase models. Times are ages since the first purchase, in any one
 * unit; Stageline uses days.
 */
export interface PurchaseHistory {
  /** Repeat purchases: distinct active days after the first. */
  x: number;
  /** Age at the last purchase; 0 without a repeat purchase. */
  tx: number;
  /** Age now, at least `tx`. */
  T: number;
}

/** Customers with the same history. */
export interface HistoryGroup extends PurchaseHistory {
  /** The number of customers, above 0. */
  count: number;
}

/** A customer at the moment of the first purchase. */
export const newCustomer: PurchaseHistory = { x: 0, tx: 0, T: 0 };

/**
 * @throws InvalidHistory for an impossible history: x is not a whole number of at least 0, an age is negative or
 *   infinite, or the last purchase is in the future
 */
export function requireHistory({ x, tx, T }: PurchaseHistory): void {
  if (!(x >= 0 && Number.isSafeInteger(x))) {
    throw new InvalidHistory(`x must be a whole number of at least 0, not ${x}`);
  }
  if (!(tx >= 0 && T >= tx && T <= maxTime)) {
    throw new InvalidHistory(`0 <= tx <= T <= ${maxTime} does not hold for tx ${tx}, T ${T}`);
  }
}

/** Also required by a fit: without a repeat purchase, the last purchase is at age 0. */
export function requireGroup(group: HistoryGroup): void {
  requireHistory(group);
  const { x, tx, count } = group;
  if (x === 0 ? tx !== 0 : tx === 0) {
    throw new InvalidHistory(`${x} repeat purchases and a last one at age ${tx} contradict`);
  }
  if (!(count > 0 && count < Number.POSITIVE_INFINITY)) {
    throw new InvalidHistory(
      `a group must be of a finite number above 0 of customers, not ${count}`,
    );
  }
}

/** Groups customers with the same history. The fit is the same and several times faster. */
export function groupHistories(histories: Iterable<PurchaseHistory>): HistoryGroup[] {
  const byRepeats = new Map<number, Map<number, Map<number, HistoryGroup>>>();
  const groups: HistoryGroup[] = [];
  for (const { x, tx, T } of histories) {
    const byLast = within(within(byRepeats, x), tx);
    const known = byLast.get(T);
    if (known) {
      known.count += 1;
      continue;
    }
    const group = { x, tx, T, count: 1 };
    byLast.set(T, group);
    groups.push(group);
  }
  return groups;
}

function within<V>(map: Map<number, Map<number, V>>, key: number): Map<number, V> {
  const known = map.get(key);
  if (known) return known;
  const made = new Map<number, V>();
  map.set(key, made);
  return made;
}
