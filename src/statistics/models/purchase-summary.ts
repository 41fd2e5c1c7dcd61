import { FuturePurchase, InvalidPurchase } from '../refusals.ts';
import { maxModelAmount } from './gamma-gamma.ts';
import type { PurchaseHistory } from './purchase-history.ts';

/** One line of a purchase log. */
export interface Purchase {
  customer: string;
  /** A whole day number, from any origin. */
  day: number;
  /** In any one unit of money; a refund is negative. */
  amount: number;
}

/** The history and mean purchase value of a customer, in days. */
export interface PurchaseSummary extends PurchaseHistory {
  firstDay: number;
  /** Mean net value of the x repeat days; null if x is 0 or the net value is not positive. */
  m: number | null;
}

/**
 * Summarises the purchases of each customer up to the end of day `until`. x is the number of distinct days with a
 * purchase after the first day; the first day is in neither x nor m, and several purchases on a day count as one. A
 * customer whose repeat days have no positive net value keeps the history but has no m, because Gamma-Gamma requires
 * positive values.
 * @throws FuturePurchase for a purchase after `until`; InvalidPurchase for an invalid day or amount
 */
export function summarisePurchases(
  purchases: Iterable<Purchase>,
  until: number,
): Map<string, PurchaseSummary> {
  const summaries = new Map<string, PurchaseSummary>();
  for (const [customer, days] of collectDays(purchases, until)) {
    summaries.set(customer, summarise(days, until));
  }
  return summaries;
}

/** Net value per customer and active day. */
function collectDays(purchases: Iterable<Purchase>, until: number) {
  const customers = new Map<string, Map<number, number>>();
  for (const purchase of purchases) {
    requirePurchase(purchase);
    const { customer, day, amount } = purchase;
    if (day > until) throw new FuturePurchase(customer, day, until);
    const days = customers.get(customer) ?? new Map<number, number>();
    customers.set(customer, days.set(day, (days.get(day) ?? 0) + amount));
  }
  return customers;
}

function requirePurchase({ customer, day, amount }: Purchase): void {
  if (!Number.isSafeInteger(day)) {
    throw new InvalidPurchase(
      `Customer ${customer} has a purchase on ${day}, which is not a day number. Correct or omit it.`,
    );
  }
  if (!(Math.abs(amount) <= maxModelAmount)) {
    throw new InvalidPurchase(
      `Customer ${customer} has a purchase of ${amount} on day ${day}, which is not a valid amount. Correct or omit it.`,
    );
  }
}

function summarise(days: Map<number, number>, until: number): PurchaseSummary {
  let firstDay = Number.POSITIVE_INFINITY;
  let lastDay = Number.NEGATIVE_INFINITY;
  let value = 0;
  for (const [day, net] of days) {
    firstDay = Math.min(firstDay, day);
    lastDay = Math.max(lastDay, day);
    value += net;
  }
  const x = days.size - 1;
  const repeatValue = value - (days.get(firstDay) ?? 0);
  const m = x > 0 && repeatValue > 0 ? repeatValue / x : null;
  return { x, tx: lastDay - firstDay, T: until - firstDay, firstDay, m };
}

/** The activity of a customer in a window, to compare with a forecast. */
export interface WindowActivity {
  /** Distinct days with a purchase. */
  days: number;
  /** Net value of all purchases. */
  value: number;
}

/**
 * Counts active days after day `after` up to the end of day `until`; customers without any are omitted.
 * @throws InvalidPurchase
 */
export function countActivity(
  purchases: Iterable<Purchase>,
  { after, until }: { after: number; until: number },
): Map<string, WindowActivity> {
  const seen = new Map<string, { days: Set<number>; value: number }>();
  for (const purchase of purchases) {
    requirePurchase(purchase);
    const { customer, day, amount } = purchase;
    if (day <= after || day > until) continue;
    const known = seen.get(customer) ?? { days: new Set<number>(), value: 0 };
    known.days.add(day);
    known.value += amount;
    seen.set(customer, known);
  }
  const entries = [...seen].map(
    ([customer, { days, value }]) => [customer, { days: days.size, value }] as const,
  );
  return new Map(entries);
}
