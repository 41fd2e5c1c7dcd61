import { msPerDay } from './ms-per-day.ts';

/** A span of time: calendar months and days, then exact milliseconds. */
export interface Duration {
  months: number;
  days: number;
  ms: number;
}

const shape =
  /^P(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,10})(?:\.(\d{1,3}))?S)?)?$/;
const mostDays = 36_525;

/**
 * Reads an ISO 8601 duration such as "P30D" or "PT36H"; answers a sentence when it is none. Years to
 * days follow the calendar of the workspace's time zone, hours to milliseconds are exact.
 */
export function parseDuration(told: string): Duration | string {
  const [, years, months, weeks, days, hours, minutes, seconds, fraction = ''] =
    shape.exec(told) ?? [];
  if (!/\d[A-Z]$/.test(told) || !shape.test(told)) {
    return 'must be an ISO 8601 duration such as "P30D" or "PT12H"';
  }
  const count = (digits: string | undefined) => Number(digits ?? 0);
  const span = {
    months: count(years) * 12 + count(months),
    days: count(weeks) * 7 + count(days),
    ms:
      ((count(hours) * 60 + count(minutes)) * 60 + count(seconds)) * 1_000 +
      Number(fraction.padEnd(3, '0')),
  };
  const total = span.months * 30.4 + span.days + span.ms / msPerDay;
  if (total <= 0) return 'must be longer than nothing';
  if (total > mostDays) return 'must not be longer than 100 years';
  return span;
}

/** @throws Error for a text that `parseDuration` refuses */
export function demandDuration(told: string): Duration {
  const span = parseDuration(told);
  if (typeof span === 'string') throw new Error(`${told} ${span}`);
  return span;
}
