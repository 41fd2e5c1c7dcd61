import { toMinorUnits } from '../../../platform/minor-units.ts';
import { msPerDay } from '../../../platform/time/ms-per-day.ts';
import type { Payments } from '../risk/trajectory.ts';
import { defaultValueTerms, type ValueTerms } from '../risk/value.ts';
import { type Baseline, baselineHazard, selectBaseline } from './baseline.ts';
import type { SubscriptionPrice } from './subscription-event.ts';
import type { SubscriptionState } from './subscription-history.ts';

const daysPerYear = 365.25;

/** Daily for the two years that anybody may look ahead; of shorter periods no more are reckoned with. */
const maxRenewals = 731;

/** Null where no price is known in the workspace's currency. */
export function toPayments(
  { periodStart, periodEnd, plan, renewals, price: reportedPrice }: SubscriptionState,
  currency: string,
): Payments | null {
  const price = toMinorPrice(currency, reportedPrice);
  if (price === null || periodStart === null || periodEnd === null) return null;
  return { plan, renewals, periodStart, periodEnd, price };
}

/**
 * What a subscriber is still to pay within a horizon, in minor units: the renewals that are due in it, each times
 * the probability that it comes and discounted to now. The next one comes by the customer's own score, those after it
 * as renewals of so many do by the shifted beta-geometric model: discounted expected residual lifetime (Fader & Hardie
 * 2010), cut at the horizon.
 */
export function renewalValue(
  { payments, score, at }: { payments: Payments; score: number; at: number },
  baseline: Baseline,
  terms: ValueTerms = defaultValueTerms,
): number {
  const paid = terms.margin * payments.price * (1 - score);
  return Math.round(paid * discountedRenewalCount(payments, { baseline, at }, terms));
}

/** How often somebody who is sure to make the next renewal makes one within the horizon, discounted to now. */
export function discountedRenewalCount(
  { plan, renewals, periodStart, periodEnd }: Omit<Payments, 'price'>,
  { baseline, at }: { baseline: Baseline; at: number },
  { horizonDays, discountRate }: Omit<ValueTerms, 'margin'>,
): number {
  const ofPlan = selectBaseline(baseline, plan);
  let survival = 1;
  let worth = 0;
  for (let made = 0; made < maxRenewals; made += 1) {
    // What is overdue is paid at once or not at all.
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
