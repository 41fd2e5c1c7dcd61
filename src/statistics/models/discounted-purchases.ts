import { InvalidArgument } from '../refusals.ts';
import type { PurchaseHistory } from './purchase-history.ts';
import type { PurchaseModel } from './purchase-model.ts';
import { requireInteger, requirePositive } from './require.ts';

/** The prediction horizon and the discount. */
export interface Horizon {
  /** Whole months ahead. Finite, because with a < 1 the expected purchases grow without bound. */
  months: number;
  /** Per month: .01 is 1 %. */
  monthlyDiscount: number;
  /** The length of a month in the unit of the histories: 30.4375 days, or 4.345 weeks. */
  monthLength: number;
}

/** The mean length of a month in days. */
export const daysPerMonth = 30.4375;

/**
 * Expected purchases over the coming months; those of month i are weighted by (1 + discount)^-i, as if made at its end.
 * A `monthLength` in another unit than the histories changes only this result, by a constant factor.
 * @throws InvalidArgument, and the errors of `expectedPurchases`
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
  /** The share of the value that is profit: .3 is 30 %. */
  margin: number;
  /** From `discountedPurchases`. */
  purchases: number;
}): number {
  const value = meanValue * margin * purchases;
  if (Number.isFinite(value)) return value;
  throw new InvalidArgument('A lifetime value', 'made of finite numbers', value);
}
