import { msPerDay } from '../../../platform/time/ms-per-day.ts';
import { requireInteger } from '../../../statistics/models/require.ts';
import { InvalidArgument } from '../../../statistics/refusals.ts';
import { requireInstant } from './subscription-event.ts';
import type { SubscriptionState } from './subscription-history.ts';

/** A customer's activity on one day. */
export interface ActivityCount {
  /** The day in UTC, as the instant at which it begins; in ms since 1970. */
  at: number;
  count: number;
}

/** A customer's activity in the last window and in the one before it. */
export interface Usage {
  /** In the last window, which is as long as a period, three months at most. */
  present: number;
  /** In the window before; null if the subscription existed for less than half of it. */
  previous: number | null;
}

/** In days: a window of a year would take a year to show inactivity. */
const maxWindowDays = 91;

/** Usage is measured this many times per window. */
const checkpointsPerWindow = 4;

/** Usage is compared by whole days, so that the time of day does not matter. */
const floorDay = (instant: number) => Math.floor(instant / msPerDay) * msPerDay;

type Period = Pick<SubscriptionState, 'periodStart' | 'periodEnd'>;

function windowOf({ periodStart, periodEnd }: Period): number {
  const days = Math.round(((periodEnd ?? 0) - (periodStart ?? 0)) / msPerDay);
  return Math.max(1, Math.min(maxWindowDays, days)) * msPerDay;
}

/**
 * The midnights (UTC) at which the usage of a period is measured: at its start and four times per window, up to
 * its end. Activity between checkpoints does not change the measured usage.
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

/** How many days before the present terms activity may count: two windows before the preceding checkpoint. */
export const usageLookbackDays = Math.ceil((2 + 1 / checkpointsPerWindow) * maxWindowDays) + 1;

/**
 * Counts activity in the two windows before the last checkpoint. If the subscription existed for only a part of
 * a window, the count is scaled up.
 * @throws InvalidArgument for an invalid count; InvalidSubscription for an invalid instant
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

/** The usage at a checkpoint. */
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
  requireInteger('A count of activity', count);
}

const countBetween = (activity: readonly ActivityCount[], from: number, until: number): number =>
  activity.reduce((sum, { at, count }) => sum + (at >= from && at < until ? count : 0), 0);

// A fall to a twentieth means the same as a fall to 0, and a single outlier must not dominate a fit.
const maxChange = Math.log(20);

/**
 * ln((present + 1) / (previous + 1)), limited to a factor of 20; 0 without a previous window.
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
