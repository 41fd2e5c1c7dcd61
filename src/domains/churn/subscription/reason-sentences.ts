import { dayOf } from '../../../platform/time/day-of.ts';
import { msPerDay } from '../../../platform/time/ms-per-day.ts';
import { toProbability } from '../../../statistics/models/numerics/log-odds.ts';
import { maxLowScore } from './renewal-measures.ts';
import type { SubscriptionState } from './subscription-history.ts';
import type { Usage } from './usage.ts';

/** The data of the sentences: the subscription, its usage, the present instant and the workspace's time zone. */
export interface SubscriptionFacts {
  state: SubscriptionState;
  usage: Usage;
  /** In ms since 1970. */
  at: number;
  timeZone: string;
}

/** A stable code and a sentence in plain language. */
export interface ReasonText {
  code: RenewalReasonCode;
  text: string;
}

export type RenewalReasonCode =
  | 'PLAN'
  | 'SHORT_TENURE'
  | 'LONG_TENURE'
  | 'USE_FELL'
  | 'USE_ROSE'
  | 'USE_STEADY'
  | 'USE_UNKNOWN'
  | 'PAYMENT_FAILED'
  | 'PAYMENTS_IN_ORDER'
  | 'LOW_SATISFACTION'
  | 'SATISFIED'
  | 'SATISFACTION_UNKNOWN'
  | 'RENEWAL_NEAR'
  | 'RENEWAL_OVERDUE'
  | 'AVERAGE_HERE'
  | 'SUBSCRIPTION_CANCELLED'
  | 'NOT_RENEWED';

const monthNames =
  'January February March April May June July August September October November December'.split(
    ' ',
  );

/** "3 March", with the year if it is not the present one. */
function formatDay(instant: number, { at, timeZone }: SubscriptionFacts): string {
  const [year, month, day] = dayOf(new Date(instant), timeZone).split('-');
  const [thisYear] = dayOf(new Date(at), timeZone).split('-');
  const formatted = `${Number(day)} ${monthNames[Number(month) - 1]}`;
  return year === thisYear ? formatted : `${formatted} ${year}`;
}

/** Describes the plan, and whether its customers leave more or less often than average by the contribution. */
export function describePlan(
  { state: { plan } }: SubscriptionFacts,
  contribution: number,
): ReasonText {
  const text = plan === null ? 'The plan is not known' : `The plan is ${plan}`;
  if (contribution === 0) return { code: 'PLAN', text: `${text}.` };
  const frequency = contribution > 0 ? 'more' : 'less';
  const subject = plan === null ? 'such customers leave' : 'which customers leave';
  return { code: 'PLAN', text: `${text}, ${subject} ${frequency} often than others.` };
}

export function describeTenure(
  { state: { renewals } }: SubscriptionFacts,
  meanRenewals: number,
): ReasonText {
  const code = renewals < meanRenewals ? 'SHORT_TENURE' : 'LONG_TENURE';
  if (renewals === 0) return { code, text: 'The subscription has not been renewed yet.' };
  const frequency = ['', 'once', 'twice'][renewals] ?? `${renewals} times`;
  return { code, text: `The subscription has been renewed ${frequency}.` };
}

export function describeUsage({ usage: { present, previous } }: SubscriptionFacts): ReasonText {
  if (previous === null) {
    return { code: 'USE_UNKNOWN', text: 'There is no earlier period to compare use with.' };
  }
  const percent = Math.round(100 * (Math.abs(present - previous) / previous));
  if (present === previous || percent === 0) {
    return { code: 'USE_STEADY', text: 'Use is as it was in the period before.' };
  }
  if (present < previous) {
    return { code: 'USE_FELL', text: `Use fell by ${percent} % against the period before.` };
  }
  return { code: 'USE_ROSE', text: describeRise(previous, percent) };
}

function describeRise(previous: number, percent: number): string {
  if (previous === 0) return 'There is use again, after a period without any.';
  if (percent > 900) return 'Use rose more than tenfold against the period before.';
  return `Use rose by ${percent} % against the period before.`;
}

export function describePayment(facts: SubscriptionFacts): ReasonText {
  const { paymentFailedAt } = facts.state;
  if (paymentFailedAt === null) {
    return { code: 'PAYMENTS_IN_ORDER', text: 'No failed payment is open.' };
  }
  const text = `The last payment failed on ${formatDay(paymentFailedAt, facts)} and has not been made good.`;
  return { code: 'PAYMENT_FAILED', text };
}

export function describeSatisfaction(facts: SubscriptionFacts): ReasonText {
  const { satisfaction } = facts.state;
  if (satisfaction === null) {
    return {
      code: 'SATISFACTION_UNKNOWN',
      text: 'The customer has not said how satisfied it is.',
    };
  }
  const { at, score } = satisfaction;
  const rounded = Math.round(10 * score) / 10;
  return {
    code: score <= maxLowScore ? 'LOW_SATISFACTION' : 'SATISFIED',
    text: `Satisfaction was last given as ${rounded} out of 10, on ${formatDay(at, facts)}.`,
  };
}

const maxNearDays = 7;
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** By calendar days: a renewal after midnight is due tomorrow. Null if the renewal is over a week away. */
export function describeRenewal({
  state: { periodEnd },
  at,
  timeZone,
}: SubscriptionFacts): ReasonText | null {
  if (periodEnd === null) return null;
  const midnightOf = (instant: number) => Date.parse(dayOf(new Date(instant), timeZone));
  const days = Math.round((midnightOf(periodEnd) - midnightOf(at)) / msPerDay);
  if (days > maxNearDays) return null;
  const formatted = relative.format(days, 'day');
  return at < periodEnd
    ? { code: 'RENEWAL_NEAR', text: `The next renewal is due ${formatted}.` }
    : { code: 'RENEWAL_OVERDUE', text: `The renewal was due ${formatted} and has not come.` };
}

/** Describes the average renewal in the workspace, from the log-odds of a loss. */
export const describeAverage = (logOdds: number): ReasonText => ({
  code: 'AVERAGE_HERE',
  text: `Of all renewals here, about ${Math.round(100 * toProbability(logOdds))} % do not come.`,
});

/** Describes why a subscription is lost. */
export function describeLoss(facts: SubscriptionFacts): ReasonText {
  const { cancelledAt, periodEnd } = facts.state;
  if (cancelledAt !== null) {
    const text = `The subscription was cancelled on ${formatDay(cancelledAt, facts)}.`;
    return { code: 'SUBSCRIPTION_CANCELLED', text };
  }
  const due = periodEnd === null ? '' : ` It was due on ${formatDay(periodEnd, facts)}.`;
  return { code: 'NOT_RENEWED', text: `The renewal never came.${due}` };
}
