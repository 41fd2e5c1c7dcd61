import { toMinorUnits } from '../../../platform/minor-units.ts';
import { msPerDay } from '../../../platform/time/ms-per-day.ts';
import { type Baseline, baselineHazard, selectBaseline } from '../subscription/baseline.ts';
import type { SubscriptionPrice } from '../subscription/subscription-event.ts';
import type { SubscriptionState } from '../subscription/subscription-history.ts';
import type { Payments } from './trajectory.ts';
import { defaultValueTerms, type ValueTerms } from './value.ts';

const daysPerYear = 365.25;

/** Daily renewals for the maximum horizon of two years; further renewals of shorter periods are ignored. */
const maxRenewals = 731;

/** The recurring payments of a subscription; null without a price in the workspace's currency. */
export function toPayments(
  { periodStart, periodEnd, plan, renewals, price: reportedPrice }: SubscriptionState,
  currency: string,
): Payments | null {
  const price = toMinorPrice(currency, reportedPrice);
  if (price === null || periodStart === null || periodEnd === null) return null;
  return { plan, renewals, periodStart, periodEnd, price };
}

/**
 * The expected payments of a subscriber within a horizon, in minor units: the sum of the due renewals, each
 * weighted by its probability and discounted to now. The next renewal has the probability of the customer's own
 * score, later ones those of the shifted beta-geometric model: discounted expected residual lifetime (Fader &
 * Hardie 2010), truncated at the horizon.
 */
export function renewalValue(
  { payments, score, at }: { payments: Payments; score: number; at: number },
  baseline: Baseline,
  terms: ValueTerms = defaultValueTerms,
): number {
  const paid = terms.margin * payments.price * (1 - score);
  return Math.round(paid * discountedRenewalCount(payments, { baseline, at }, terms));
}

/** The expected number of renewals within the horizon given that the next one is made, discounted to now. */
export function discountedRenewalCount(
  { plan, renewals, periodStart, periodEnd }: Omit<Payments, 'price'>,
  { baseline, at }: { baseline: Baseline; at: number },
  { horizonDays, discountRate }: Omit<ValueTerms, 'margin'>,
): number {
  const ofPlan = selectBaseline(baseline, plan);
  let survival = 1;
  let worth = 0;
  for (let made = 0; made < maxRenewals; made += 1) {
    // An overdue renewal is assumed to be paid now.
    const dueAt = Math.max(at, periodEnd + made * (periodEnd - periodStart));
    const days = (dueAt - at) / msPerDay;
    if (days > horizonDays) break;
    worth += survival * (1 + discountRate) ** (-days / daysPerYear);
    survival *= 1 - baselineHazard(ofPlan, renewals + made + 1);
  }
  return worth;
}

function toMinorPrice(currency: string, price: SubscriptionPrice | null): number | null {
  if (price === null || (price.currency ?? currency) !== currency) return null;
  const amount = toMinorUnits(price.amount, currency);
  return amount === undefined || amount < 0n ? null : Number(amount);
}
