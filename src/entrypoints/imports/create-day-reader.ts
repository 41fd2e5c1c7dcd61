import { DateTime } from 'luxon';
import { msPerDay } from '../../platform/time/ms-per-day.ts';

interface Day {
  /** Its first moment, in milliseconds since 1970. */
  start: number;
  /** True if the clocks are not changed on it, so that times of day can be added to its start. */
  even: boolean;
}

const form =
  /^(\d{4}-\d{2}-\d{2})[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,3}))?)?(Z|[+-]\d{2}:\d{2})?$/;
const mostRemembered = 10_000;

/**
 * Makes a quick reader of ISO date-times that knows the days it has met; it answers undefined for
 * whatever is not plain, which is then for luxon to read.
 */
// luxon takes 80 µs for a time in a zone, which would be most of an import; a day is asked for once.
export function createDayReader(timeZone: string): (text: string) => string | undefined {
  const days = new Map<string, Day>();
  const dayOf = (date: string, zone: string) => {
    const key = date + zone;
    const known = days.get(key) ?? findDay(date, zone);
    if (days.size >= mostRemembered) days.clear();
    days.set(key, known);
    return known;
  };
  return (text) => {
    const [, date, hours, minutes, seconds = '0', fraction = '', zone] = form.exec(text) ?? [];
    if (date === undefined) return undefined;
    const day = dayOf(date, zone === undefined ? timeZone : 'utc');
    if (!day.even) return undefined;
    const inMinutes = Number(hours) * 60 + Number(minutes) - offsetMinutes(zone);
    const time = (inMinutes * 60 + Number(seconds)) * 1000 + Number(fraction.padEnd(3, '0'));
    return new Date(day.start + time).toISOString();
  };
}

function findDay(date: string, zone: string): Day {
  const day = DateTime.fromISO(date, { zone });
  const start = day.toMillis();
  const next = day.plus({ days: 1 });
  // A day is not even either if its midnight is skipped or comes twice, or if there is no such day.
  const oneMidnight = day.hour === 0 && day.getPossibleOffsets().length === 1;
  const whole = next.offset === day.offset && next.toMillis() - start === msPerDay;
  return { start, even: day.isValid && oneMidnight && whole };
}

function offsetMinutes(zone: string | undefined) {
  if (zone === undefined || zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  return zone.startsWith('-') ? -minutes : minutes;
}
