import {
  daysPerMonth,
  discountedPurchases,
  lifetimeValue,
} from '../../../statistics/models/discounted-purchases.ts';
import { maxModelAmount } from '../../../statistics/models/gamma-gamma.ts';
import { mbgNbd } from '../../../statistics/models/mbg-nbd.ts';
import type { PurchaseHistory } from '../../../statistics/models/purchase-history.ts';
import { expectedSpend, type SpendModel } from '../../../statistics/models/spend-model.ts';
import { type Activity, historyAt } from './activity.ts';
import type { PurchaseRiskModel } from './risk-model.ts';

/** The horizon and the discounting of lifetime values. */
export interface ValueTerms {
  /** Finite, since the undiscounted value of customers that hardly ever leave is infinite. */
  horizonDays: number;
  /** Per year: .1 for ten percent. */
  discountRate: number;
  /** Margin as a share of revenue: .3 for thirty percent. */
  margin: number;
}

/** The terms that filters and sort orders use. */
export const defaultValueTerms: ValueTerms = { horizonDays: 365, discountRate: 0.1, margin: 1 };

/**
 * Expected future spend of a customer in the workspace's currency, in minor units. Null without a model of spend, and
 * for a customer that has ordered in other currencies only.
 */
export function valueAt(
  model: PurchaseRiskModel,
  activity: Activity,
  at: number,
  terms: ValueTerms = defaultValueTerms,
): number | null {
  const { spend } = model;
  if (!spend || model.activity !== 'PURCHASES' || activity.valuedDays === 0) return null;
  const count = discountedPurchaseCount(model, historyAt(activity, at), terms);
  const purchases = count * valuedShare(activity);
  const meanValue = meanValueOf(spend, activity);
  return Math.round(lifetimeValue({ meanValue, margin: terms.margin, purchases }));
}

/** Number of purchases expected within the horizon, discounted by month. */
export function discountedPurchaseCount(
  { parameters }: Pick<PurchaseRiskModel, 'parameters'>,
  history: PurchaseHistory,
  { horizonDays, discountRate }: ValueTerms,
): number {
  const months = Math.max(1, Math.round(horizonDays / daysPerMonth));
  return discountedPurchases(mbgNbd, parameters, history, {
    months,
    monthlyDiscount: (1 + discountRate) ** (1 / 12) - 1,
    monthLength: horizonDays / months,
  });
}

/** The share of the days with an order that have one in the workspace's currency: so many further ones are expected. */
export const valuedShare = ({ x, valuedDays }: Pick<Activity, 'x' | 'valuedDays'>): number =>
  valuedDays / (x + 1);

/** A customer without spend on repeat purchases is expected to spend the mean of all. */
export function meanValueOf(
  spend: SpendModel,
  { valuedDays, repeatValue }: Pick<Activity, 'valuedDays' | 'repeatValue'>,
): number {
  const x = valuedDays - 1;
  const m = x > 0 ? Math.min(repeatValue / x, maxModelAmount) : 0;
  return expectedSpend(spend, m > 0 ? { x, m } : null);
}
