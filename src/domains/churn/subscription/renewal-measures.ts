import { InvalidArgument } from '../../../statistics/refusals.ts';
import type { SubscriptionState } from './subscription-history.ts';
import { type Usage, usageChange } from './usage.ts';

/**
 * The predictors of a renewal besides the plan: the number of renewals made and ln(1 + it), the logarithmic
 * change of usage, and, as 0 or 1, an open failed payment and a low or unknown satisfaction.
 */
export const renewalMeasures = [
  'tenure',
  'logTenure',
  'usageChange',
  'paymentFailed',
  'lowSatisfaction',
  'unknownSatisfaction',
] as const;
export type RenewalMeasure = (typeof renewalMeasures)[number];

/** Scores up to this one count as low: the detractors of the net promoter score (Reichheld 2003). */
export const maxLowScore = 6;

/**
 * Computes the measures of a due renewal.
 * @throws InvalidArgument for a state without subscription
 */
export function measureRenewal(
  { startedAt, renewals, paymentFailedAt, satisfaction }: SubscriptionState,
  usage: Usage,
): Record<RenewalMeasure, number> {
  if (startedAt === null) throw new InvalidArgument('A renewal', 'of a subscription', 'none');
  return {
    tenure: renewals,
    logTenure: Math.log1p(renewals),
    usageChange: usageChange(usage),
    paymentFailed: Number(paymentFailedAt !== null),
    lowSatisfaction: Number(satisfaction !== null && satisfaction.score <= maxLowScore),
    unknownSatisfaction: Number(satisfaction === null),
  };
}
