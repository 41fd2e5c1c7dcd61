import { msPerDay } from '../../../platform/time/ms-per-day.ts';
import { renewalGrace, type SubscriptionState } from './subscription-history.ts';

const graceDays = renewalGrace / msPerDay;

/**
 * The share of eventual renewals that are still missing after each whole day of the grace period, beginning
 * with the first day.
 */
export type Lateness = readonly number[];

/** Adds half a renewal that is late by any number of days, so that no share is 0. */
export function fitLateness(rows: ReadonlyArray<{ delay: number | null }>): Lateness {
  const delays = rows.flatMap(({ delay }) => (delay === null ? [] : [delay]));
  return Array.from({ length: graceDays - 1 }, (_, index) => {
    const later = delays.filter((delay) => delay >= (index + 1) * msPerDay).length;
    return (later + 0.5) / (delays.length + 1);
  });
}

/** The instants at which a missing renewal raises the risk: each day of the grace period after the first. */
export const latenessCheckpoints = ({
  periodEnd,
}: Pick<SubscriptionState, 'periodEnd'>): number[] =>
  periodEnd === null
    ? []
    : Array.from({ length: graceDays - 1 }, (_, index) => periodEnd + (index + 1) * msPerDay);

/**
 * What a missing renewal adds to the log-odds of a loss: by Bayes' rule the odds grow as fewer renewals are
 * still to come. 0 during the first day after the due date.
 */
export function latenessLogOdds(
  lateness: Lateness,
  { periodEnd }: Pick<SubscriptionState, 'periodEnd'>,
  at: number,
): number {
  const days = periodEnd === null ? 0 : Math.floor((at - periodEnd) / msPerDay);
  const share = days >= 1 ? (lateness[Math.min(days, lateness.length) - 1] ?? 1) : 1;
  return share === 1 ? 0 : -Math.log(share);
}
