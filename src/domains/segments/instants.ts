import { InvalidInput } from '../../platform/errors.ts';
import { addDuration } from '../../platform/time/add-duration.ts';
import type { Duration } from '../../platform/time/duration.ts';

export type Grain = 'HOUR' | 'DAY' | 'WEEK' | 'MONTH';

const grainDurations: Record<Grain, (count: number) => Duration> = {
  HOUR: (count) => ({ months: 0, days: 0, ms: count * 3_600_000 }),
  DAY: (count) => ({ months: 0, days: count, ms: 0 }),
  WEEK: (count) => ({ months: 0, days: count * 7, ms: 0 }),
  MONTH: (count) => ({ months: count, days: 0, ms: 0 }),
};

export const maxInstants = 400;

/**
 * The first instant and those one grain after another, by the calendar of the time zone, up to the last
 * one; each counted from the first, so that the 31st comes back after a shorter month.
 *
 * @throws InvalidInput when there are too many of them, or the end lies before the beginning
 */
export function instantsBetween(
  from: Date,
  to: Date,
  { grain, timeZone }: { grain: Grain; timeZone: string },
): Date[] {
  if (from > to) throw new InvalidInput('`from` must not lie after `to`.');
  const instants: Date[] = [];
  for (let at = from.getTime(); at <= to.getTime(); ) {
    if (instants.length === maxInstants) {
      throw new InvalidInput(
        `That is more than ${maxInstants} points: choose a coarser grain or a shorter time.`,
      );
    }
    instants.push(new Date(at));
    at = addDuration(from.getTime(), grainDurations[grain](instants.length), timeZone);
  }
  return instants;
}
