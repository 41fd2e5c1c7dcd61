import { InvalidArgument } from '../refusals.ts';
import type { PurchaseHistory } from './purchase-history.ts';
import type { PurchaseModel } from './purchase-model.ts';
import { requireInteger, requirePositive } from './require.ts';

/** How far ahead, and what later purchases are worth today. */
export interface Horizon {
  /** Whole months ahead; always finite, for with a < 1 the expected purchases grow without bound. */
  months: number;
  /** Per month: .01 for one percent. */
  monthlyDiscount: number;
  /** A month in the unit of the histories: 30.4375 days, or 4.345 weeks. */
  monthLength: number;
}

/** A mean month in days. */
export const daysPerMonth = 30.4375;

/**
 * Expected purchases over the coming months, those of month i weighed by (1 + discount)^-i as if made at its
 * end. The wrong `monthLength` changes nothing but this figure, and that by its whole factor.
 * @throws InvalidArgument, and whatever `expectedPurchases` throws
 */
export function discountedPurchases<P>(
  model: Pick<PurchaseModel<P>, 'expectedPurchases'>,
  parameters: P,
  history: PurchaseHistory,
  { months, monthlyDiscount, monthLength }: Horizon,
): number {
  requireInteger('The number of months', months, 1);
  requirePositive('The length of a month', monthLength);
  if (!(monthlyDiscount >= 0 && monthlyDiscount < Number.POSITIVE_INFINITY)) {
    throw new InvalidArgument('The monthly discount', 'at least 0 and finite', monthlyDiscount);
  }
  let sum = 0;
  let before = 0;
  for (let month = 1; month <= months; month += 1) {
    const until = model.expectedPurchases(parameters, history, month * monthLength);
    sum += (until - before) / (1 + monthlyDiscount) ** month;
    before = until;
  }
  return sum;
}

/** Customer lifetime value over the horizon, in the unit of `meanValue`: value × margin × purchases. */
export function lifetimeValue({
  meanValue,
  margin,
  purchases,
}: {
  /** E[M | x, m] of Gamma-Gamma. */
  meanValue: number;
  /** The share of the value that is earned: .3 for thirty percent. */
  margin: number;
  /** From `discountedPurchases`. */
  purchases: number;
}): number {
  const value = meanValue * margin * purchases;
  if (Number.isFinite(value)) return value;
  throw new InvalidArgument('A lifetime value', 'made of finite numbers', value);
}
