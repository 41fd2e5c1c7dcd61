import { DateTime } from 'luxon';
import { msPerDay } from '../../platform/time/ms-per-day.ts';

interface Day {
  /** Its first instant, in milliseconds since 1970. */
  start: number;
  /** True without a change of offset on it, so that times of day can be added to its start. */
  isRegular: boolean;
}

const form =
  /^(\d{4}-\d{2}-\d{2})[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,3}))?)?(Z|[+-]\d{2}:\d{2})?$/;
const maxCachedDays = 10_000;

/**
 * Creates a fast parser of ISO date-times that caches days. Returns undefined for anything unusual, which luxon must
 * parse.
 */
// luxon needs 80 µs for a time in a zone, which would be most of the import time.
export function createDayReader(timeZone: string): (text: string) => string | undefined {
  const days = new Map<string, Day>();
  const dayOf = (date: string, zone: string) => {
    const key = date + zone;
    const day = days.get(key) ?? findDay(date, zone);
    if (days.size >= maxCachedDays) days.clear();
    days.set(key, day);
    return day;
  };
  return (text) => {
    const [, date, hours, minutes, seconds = '0', fraction = '', zone] = form.exec(text) ?? [];
    if (date === undefined) return undefined;
    const day = dayOf(date, zone === undefined ? timeZone : 'utc');
    if (!day.isRegular) return undefined;
    const inMinutes = Number(hours) * 60 + Number(minutes) - offsetMinutes(zone);
    const time = (inMinutes * 60 + Number(seconds)) * 1000 + Number(fraction.padEnd(3, '0'));
    return new Date(day.start + time).toISOString();
  };
}

function findDay(date: string, zone: string): Day {
  const day = DateTime.fromISO(date, { zone });
  const start = day.toMillis();
  const next = day.plus({ days: 1 });
  // A day is not regular if it does not exist, or if its midnight is skipped or repeated.
  const hasOneMidnight = day.hour === 0 && day.getPossibleOffsets().length === 1;
  const has24Hours = next.offset === day.offset && next.toMillis() - start === msPerDay;
  return { start, isRegular: day.isValid && hasOneMidnight && has24Hours };
}

function offsetMinutes(zone: string | undefined) {
  if (zone === undefined || zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  return zone.startsWith('-') ? -minutes : minutes;
}
