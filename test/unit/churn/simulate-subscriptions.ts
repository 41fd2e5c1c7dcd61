import type { SubscriptionHistory } from '../../../src/domains/churn/subscription/renewal-rows.ts';
import type { SubscriptionEvent } from '../../../src/domains/churn/subscription/subscription-event.ts';
import { msPerDay } from '../../../src/platform/time/ms-per-day.ts';
import { toProbability } from '../../../src/statistics/models/numerics/log-odds.ts';
import { createDraws, type Draws } from '../statistics/simulate-customers.ts';

const period = 30 * msPerDay;

/** The coefficients of a simulated subscriber's log-odds of not renewing, which a regression must recover. */
export const truth = {
  base: -2,
  basic: 0.9,
  paymentFailed: 1.5,
  lowSatisfaction: 1,
  logTenure: -0.4,
};

/** Subscribers who joined in the two years before `until`, with periods of exactly 30 days. */
export function simulateSubscriptions(
  seed: number,
  { customers, until }: { customers: number; until: number },
): SubscriptionHistory[] {
  const draws = createDraws(seed);
  return Array.from({ length: customers }, (_, i) => {
    const startedAt = Math.floor(until - 720 * msPerDay * draws.uniform());
    return simulateSubscriber(draws, { customer: `customer ${i}`, startedAt, until });
  });
}

function simulateSubscriber(
  { uniform }: Draws,
  { customer, startedAt, until }: { customer: string; startedAt: number; until: number },
): SubscriptionHistory {
  const plan = uniform() < 0.6 ? 'Basic' : 'Pro';
  const events: SubscriptionEvent[] = [{ kind: 'STARTED', at: startedAt, plan, period: 'P30D' }];
  const isLow = uniform() < 0.3;
  events.push({ kind: 'SATISFACTION_GIVEN', at: startedAt + msPerDay, score: isLow ? 3 : 9 });
  let dueAt = startedAt + period;
  for (let renewals = 0; dueAt < until; renewals += 1) {
    const hasFailed = uniform() < 0.15;
    if (hasFailed) events.push({ kind: 'PAYMENT_FAILED', at: dueAt - 2 * msPerDay });
    const logOdds =
      truth.base +
      (plan === 'Basic' ? truth.basic : 0) +
      (hasFailed ? truth.paymentFailed : 0) +
      (isLow ? truth.lowSatisfaction : 0) +
      truth.logTenure * Math.log1p(renewals);
    if (uniform() < toProbability(logOdds)) break;
    const at = Math.floor(dueAt + 5 * msPerDay * uniform());
    // Some pay at the second attempt, which must not be known when the renewal is due.
    if (uniform() < 0.3) events.push({ kind: 'PAYMENT_FAILED', at: (dueAt + at) / 2 });
    events.push({ kind: 'RENEWED', at });
    dueAt = at + period;
  }
  return { customer, events, activity: [] };
}
