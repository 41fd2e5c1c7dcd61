import { msPerDay } from './ms-per-day.ts';

/** A duration: calendar months and days, then exact milliseconds. */
export interface Duration {
  months: number;
  days: number;
  ms: number;
}

const shape =
  /^P(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,10})(?:\.(\d{1,3}))?S)?)?$/;
const maxDays = 36_525;

/**
 * Parses an ISO 8601 duration such as "P30D" or "PT36H"; returns an error message for anything else. Years to
 * days follow the calendar of the workspace's time zone, hours to milliseconds are exact.
 */
export function parseDuration(text: string): Duration | string {
  const [, years, months, weeks, days, hours, minutes, seconds, fraction = ''] =
    shape.exec(text) ?? [];
  if (!/\d[A-Z]$/.test(text) || !shape.test(text)) {
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
  if (total <= 0) return 'must be longer than zero';
  if (total > maxDays) return 'must not be longer than 100 years';
  return span;
}

/** Parses a duration that was validated before. @throws Error if it is invalid */
export function requireDuration(text: string): Duration {
  const span = parseDuration(text);
  if (typeof span === 'string') throw new Error(`${text} ${span}`);
  return span;
}
