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

/** What the models need of a customer, in days. */
export interface PurchaseSummary extends PurchaseHistory {
  firstDay: number;
  /** Mean net value of the x repeat days; null without any, or where they net to nothing or less. */
  m: number | null;
}

/**
 * Counts each customer from the purchases up to the end of day `until`. x is the number of distinct days with
 * a purchase after the first one; the first day is neither in x nor in m, and several purchases of a day are
 * one. A customer whose repeat days net to nothing or less keeps the history but has no m, because
 * Gamma-Gamma knows no such values.
 * @throws FuturePurchase for a purchase after `until`; InvalidPurchase for a day or amount that is none
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
      `Customer ${customer} has a purchase on ${day}, which is no day number.`,
    );
  }
  if (!(Math.abs(amount) <= maxModelAmount)) {
    throw new InvalidPurchase(
      `Customer ${customer} has a purchase of ${amount} on day ${day}, which is no amount. Correct it or leave it out.`,
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

/** What a customer did in a window, to hold against a forecast. */
export interface WindowActivity {
  /** Distinct days with a purchase. */
  days: number;
  /** Net value of all of them. */
  value: number;
}

/**
 * Counts active days after day `after` up to the end of day `until`; whoever had none is not in it.
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
