import {
  daysPerMonth,
  discountedPurchases,
  lifetimeValue,
} from '../../../statistics/models/discounted-purchases.ts';
import {
  expectedValue,
  type GammaGammaParameters,
} from '../../../statistics/models/gamma-gamma.ts';
import { mbgNbd } from '../../../statistics/models/mbg-nbd.ts';
import type { PurchaseHistory } from '../../../statistics/models/purchase-history.ts';
import { type Activity, historyAt } from './activity.ts';
import type { PurchaseRiskModel } from './risk-model.ts';

/** How far ahead a lifetime is reckoned, and what it is worth today. */
export interface ValueTerms {
  /** Always finite: where customers hardly ever leave, the value of all their days would be infinite. */
  horizonDays: number;
  /** A year: .1 for ten percent. */
  discountRate: number;
  /** The share of what is spent that is earned: .3 for thirty percent. */
  margin: number;
}

/** What filters and orders reckon with. */
export const defaultValueTerms: ValueTerms = { horizonDays: 365, discountRate: 0.1, margin: 1 };

/** Money that customers are expected to bring, in minor units; null where too little is known of what they spend. */
export function valueAt(
  model: PurchaseRiskModel,
  activity: Activity,
  at: number,
  terms: ValueTerms = defaultValueTerms,
): number | null {
  const { spend } = model;
  if (!spend || model.activity !== 'PURCHASES') return null;
  const purchases = discountedPurchaseCount(model, historyAt(activity, at), terms);
  const meanValue = meanValueOf(spend, activity);
  return Math.round(lifetimeValue({ meanValue, margin: terms.margin, purchases }));
}

/** Purchases expected within the horizon, the later ones discounted by month. */
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

/** Who has not come back yet, or brought nothing by it, is expected to spend like everybody. */
function meanValueOf(spend: GammaGammaParameters, { x, repeatValue }: Activity): number {
  const m = x > 0 ? repeatValue / x : 0;
  return expectedValue(spend, m > 0 ? { x, m } : { x: 0, m: null });
}
