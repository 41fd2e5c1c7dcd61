import { demandWhole } from '../models/demand.ts';
import { InvalidArgument } from '../models/refusals.ts';
import { demandInstant } from './subscription-event.ts';
import type { SubscriptionState } from './subscription-history.ts';

/** How often a customer did something. */
export interface ActivityCount {
  /** In ms since 1970; of several together, such as those of a day, the last one. */
  at: number;
  count: number;
}

/** How often a customer did something in the last period and in the one before it. */
export interface Usage {
  /** In the time up to now that is as long as a period. */
  present: number;
  /** In as much time before that; null where the subscription had not begun for half of it. */
  previous: number | null;
}

/**
 * Counts use in two spans of the length of the subscription's period, which end at an instant. Nothing at or
 * after it counts. Of a span that the subscription was not there for entirely, the count is scaled up.
 * @throws InvalidArgument for a count that is none; InvalidSubscription for an instant that is none
 */
export function countUsage(
  { startedAt, periodStart, periodEnd }: SubscriptionState,
  activity: readonly ActivityCount[],
  at: number,
): Usage {
  activity.forEach(demandActivity);
  if (startedAt === null || periodStart === null || periodEnd === null) {
    return { present: 0, previous: null };
  }
  const length = periodEnd - periodStart;
  const present = countBetween(activity, at - length, at);
  const from = Math.max(startedAt, at - 2 * length);
  const seen = (at - length - from) / length;
  if (seen < 0.5) return { present, previous: null };
  return { present, previous: countBetween(activity, from, at - length) / seen };
}

function demandActivity({ at, count }: ActivityCount): void {
  demandInstant('Activity', at);
  demandWhole('A count of activity', count);
}

const countBetween = (activity: readonly ActivityCount[], from: number, until: number): number =>
  activity.reduce((sum, { at, count }) => sum + (at >= from && at < until ? count : 0), 0);

// Whether use fell to a twentieth or to nothing says the same, and a single outlier must not rule a fit.
const mostChange = Math.log(20);

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
  return Math.max(-mostChange, Math.min(mostChange, change));
}
