import { msPerDay } from '../../../platform/time/ms-per-day.ts';
import { newCustomer, type PurchaseHistory } from '../../../statistics/models/purchase-history.ts';

/** What is known of a customer's activity: days with any after the first one, and instants in ms since 1970. */
export interface Activity {
  x: number;
  first: number;
  last: number;
  /** What was bought on the days after the first one with an order, in minor units. */
  repeatValue: number;
}

/**
 * The same as the purchase models have it, in days and to the ms, at an instant. Who was active on one day
 * only has been silent since the last activity of that day.
 */
export function historyAt({ x, first, last }: Activity, at: number): PurchaseHistory {
  const silent = Math.max(0, at - last) / msPerDay;
  if (x === 0) return { ...newCustomer, T: silent };
  const tx = (last - first) / msPerDay;
  return { x, tx, T: tx + silent };
}

/** The instant at which the customer has a certain age in the model's days. */
export const instantOfAge = ({ x, first, last }: Activity, age: number) =>
  (x === 0 ? last : first) + age * msPerDay;
