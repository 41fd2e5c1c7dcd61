import { toMinorUnits } from '../../ingestion/amount.ts';
import { usualTerms, type ValueTerms } from '../risk/value.ts';
import { type Baseline, baselineHazard, baselineOf } from './baseline.ts';
import type { Price } from './subscription-event.ts';
import type { SubscriptionState } from './subscription-history.ts';

const dayMs = 86_400_000;
const daysPerYear = 365.25;

/** Daily for the two years that anybody may look ahead; of shorter periods no more are reckoned with. */
const mostRenewals = 731;

/**
 * What a subscriber is still to pay within a horizon, in minor units: the renewals that are due in it, each times
 * the probability that it comes and discounted to now. The next one comes by the customer's own score, those after it as
 * renewals of so many do by the shifted beta-geometric model: discounted expected residual lifetime (Fader & Hardie
 * 2010), cut at the horizon. Null where no price is known in the workspace's currency.
 */
export function renewalValue(
  { state, score, at }: { state: SubscriptionState; score: number; at: number },
  { baseline, currency }: { baseline: Baseline; currency: string },
  { horizonDays, discountRate, margin }: ValueTerms = usualTerms,
): number | null {
  const { periodStart, periodEnd, plan, renewals } = state;
  const price = priceIn(currency, state.price);
  if (price === null || periodStart === null || periodEnd === null) return null;
  const ofPlan = baselineOf(baseline, plan);
  let survival = 1 - score;
  let payments = 0;
  for (let made = 0; made < mostRenewals; made += 1) {
    // What is overdue is paid at once or not at all.
    const dueAt = Math.max(at, periodEnd + made * (periodEnd - periodStart));
    const days = (dueAt - at) / dayMs;
    if (days > horizonDays) break;
    payments += survival * (1 + discountRate) ** (-days / daysPerYear);
    survival *= 1 - baselineHazard(ofPlan, renewals + made + 1);
  }
  return Math.round(margin * price * payments);
}

function priceIn(own: string, price: Price | null): number | null {
  if (price === null || (price.currency ?? own) !== own) return null;
  const amount = toMinorUnits(price.amount, own);
  return amount === undefined || amount < 0n ? null : Number(amount);
}
