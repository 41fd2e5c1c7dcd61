import { msPerDay } from '../../../platform/time/ms-per-day.ts';
import { demandWhole } from '../../../statistics/models/demand.ts';
import { InvalidArgument } from '../../../statistics/refusals.ts';
import { requireInstant } from './subscription-event.ts';
import type { SubscriptionState } from './subscription-history.ts';

/** How often a customer did something. */
export interface ActivityCount {
  /** The day in UTC, as the instant at which it begins; in ms since 1970. */
  at: number;
  count: number;
}

/** How often a customer did something in the last period and in the one before it. */
export interface Usage {
  /** In the time up to now that is as long as a period, or three months of a longer one. */
  present: number;
  /** In as much time before that; null where the subscription had not begun for half of it. */
  previous: number | null;
}

/** Whole days: a year would take as long to show that nobody is there any more. */
const maxWindowDays = 91;

/** How often use is looked at within the time that is compared. */
const checkpointsPerWindow = 4;

/** Use is compared by whole days, so that it does not matter when in a day something was done. */
const floorDay = (instant: number) => Math.floor(instant / msPerDay) * msPerDay;

type Period = Pick<SubscriptionState, 'periodStart' | 'periodEnd'>;

function windowOf({ periodStart, periodEnd }: Period): number {
  const days = Math.round(((periodEnd ?? 0) - (periodStart ?? 0)) / msPerDay);
  return Math.max(1, Math.min(maxWindowDays, days)) * msPerDay;
}

/**
 * The midnights (UTC) at which the use of a period is looked at: at its start and four times a window from
 * then on, up to its end. In between nothing that a customer does changes what is known of its use.
 */
export function usageCheckpoints(period: Period): number[] {
  const { periodStart, periodEnd } = period;
  if (periodStart === null || periodEnd === null) return [];
  const first = floorDay(periodStart);
  const step = windowOf(period) / msPerDay / checkpointsPerWindow;
  const count = Math.floor((periodEnd - first) / msPerDay / step) + 1;
  const days = Array.from({ length: count }, (_, index) => Math.round(index * step));
  return [...new Set(days)]
    .map((day) => first + day * msPerDay)
    .filter((checkpoint) => checkpoint <= periodEnd);
}

/** How long before the present terms something may have been done that counts: two windows up to the look before. */
export const usageLookbackDays = Math.ceil((2 + 1 / checkpointsPerWindow) * maxWindowDays) + 1;

/**
 * Counts use in two spans of the length of the subscription's period, which end when use was looked at last. Of
 * a span that the subscription was not there for entirely, the count is scaled up.
 * @throws InvalidArgument for a count that is none; InvalidSubscription for an instant that is none
 */
export function countUsage(
  state: SubscriptionState,
  activity: readonly ActivityCount[],
  at: number,
): Usage {
  activity.forEach(requireValidActivity);
  const checkpoint = usageCheckpoints(state).findLast((instant) => instant <= at);
  return checkpoint === undefined
    ? { present: 0, previous: null }
    : usageAt(state, activity, checkpoint);
}

/** The same at one of the instants at which use is looked at. */
export function usageAt(
  state: SubscriptionState,
  activity: readonly ActivityCount[],
  checkpoint: number,
): Usage {
  const length = windowOf(state);
  const present = countBetween(activity, checkpoint - length, checkpoint);
  const from = Math.max(floorDay(state.startedAt ?? checkpoint), checkpoint - 2 * length);
  const coverage = (checkpoint - length - from) / length;
  if (coverage < 0.5) return { present, previous: null };
  return { present, previous: countBetween(activity, from, checkpoint - length) / coverage };
}

function requireValidActivity({ at, count }: ActivityCount): void {
  requireInstant('Activity', at);
  demandWhole('A count of activity', count);
}

const countBetween = (activity: readonly ActivityCount[], from: number, until: number): number =>
  activity.reduce((sum, { at, count }) => sum + (at >= from && at < until ? count : 0), 0);

// Whether use fell to a twentieth or to nothing says the same, and a single outlier must not rule a fit.
const maxChange = Math.log(20);

/**
 * ln((present + 1) / (previous + 1)), cut at a factor of 20; 0 where there is nothing to compare with.
 * @throws InvalidArgument unless both are finite and at least 0
 */
export function usageChange({ present, previous }: Usage): number {
  for (const count of [present, previous ?? 0]) {
    if (!(count >= 0 && count < Number.POSITIVE_INFINITY)) {
      throw new InvalidArgument('Use', 'a finite number of at least 0', count);
    }
  }
  if (previous === null) return 0;
  const change = Math.log1p(present) - Math.log1p(previous);
  return Math.max(-maxChange, Math.min(maxChange, change));
}
