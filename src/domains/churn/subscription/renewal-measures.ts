import { InvalidArgument } from '../../../statistics/refusals.ts';
import type { SubscriptionState } from './subscription-history.ts';
import { type Usage, usageChange } from './usage.ts';

/**
 * What a renewal is foreseen from, besides the plan: renewals made and ln(1 + that), the change of use as a
 * logarithm, and, as 0 or 1, an open failed payment and a low or unknown satisfaction.
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

/** Up to here an answer counts as low: the detractors of the net promoter score (Reichheld 2003). */
export const maxLowScore = 6;

/**
 * What is known of a subscriber who has to renew.
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
