import { msPerDay } from '../../../platform/time/ms-per-day.ts';
import { newCustomer, type PurchaseHistory } from '../../../statistics/models/purchase-history.ts';

/** A customer's activity: the number of active days after the first, and instants in ms since 1970. */
export interface Activity {
  x: number;
  first: number;
  last: number;
  /** Days with an order in the workspace's currency; only they have a value that is known. */
  valuedDays: number;
  /** Value of the orders in the workspace's currency after the first of these days, in minor units. */
  repeatValue: number;
}

/**
 * Converts the activity to a purchase history at an instant, in days with ms precision. A customer active on
 * one day only has been silent since the last activity of that day.
 */
export function historyAt({ x, first, last }: Activity, at: number): PurchaseHistory {
  const silent = Math.max(0, at - last) / msPerDay;
  if (x === 0) return { ...newCustomer, T: silent };
  const tx = (last - first) / msPerDay;
  return { x, tx, T: tx + silent };
}

/** The instant at which the customer reaches an age, in days of the model. */
export const instantOfAge = ({ x, first, last }: Activity, age: number) =>
  (x === 0 ? last : first) + age * msPerDay;
