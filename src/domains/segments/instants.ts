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
 * Lists the instants from `from` up to `to`, one grain apart by the calendar of the time zone. Each is
 * computed from the first, so that a monthly series from the 31st returns to the 31st after a shorter month.
 *
 * @throws InvalidInput for more than 400 instants, or if `from` lies after `to`
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
        `The range has more than ${maxInstants} points. Choose a coarser grain or a shorter range.`,
      );
    }
    instants.push(new Date(at));
    at = addDuration(from.getTime(), grainDurations[grain](instants.length), timeZone);
  }
  return instants;
}
