import { msPerDay } from '../../../platform/time/ms-per-day.ts';
import { renewalGrace, type SubscriptionState } from './subscription-history.ts';

const graceDays = renewalGrace / msPerDay;

/**
 * Of renewals that come, the part that has not come so many whole days after it was due: of one day first, of
 * the last one within the grace last.
 */
export type Lateness = readonly number[];

/** Half a renewal is added that is late by any number of days: what never happened may happen yet. */
export function fitLateness(rows: ReadonlyArray<{ delay: number | null }>): Lateness {
  const delays = rows.flatMap(({ delay }) => (delay === null ? [] : [delay]));
  return Array.from({ length: graceDays - 1 }, (_, index) => {
    const later = delays.filter((delay) => delay >= (index + 1) * msPerDay).length;
    return (later + 0.5) / (delays.length + 1);
  });
}

/** The instants at which it tells more that a renewal has not come yet; the first a day after it was due. */
export const latenessCheckpoints = ({
  periodEnd,
}: Pick<SubscriptionState, 'periodEnd'>): number[] =>
  periodEnd === null
    ? []
    : Array.from({ length: graceDays - 1 }, (_, index) => periodEnd + (index + 1) * msPerDay);

/**
 * What is added to the log-odds of a loss because the renewal has not come yet: by Bayes' rule the odds grow as
 * renewals that come at all become fewer. 0 up to a day after it was due.
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
