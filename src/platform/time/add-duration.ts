import { IANAZone } from 'luxon';
import type { Duration } from './duration.ts';
import { msPerDay } from './ms-per-day.ts';

/**
 * Adds a duration to an instant (ms since 1970) in the calendar of a time zone, with the rules by which
 * PostgreSQL adds an interval to a local time: a day that the month lacks becomes its last day; a local time in a
 * gap uses the offset before the gap; an ambiguous local time means the later instant.
 */
export function addDuration(at: number, { months, days, ms }: Duration, timeZone: string): number {
  if (months === 0 && (days === 0 || timeZone === 'UTC')) return at + days * msPerDay + ms;
  const zone = IANAZone.create(timeZone);
  const local = new Date(at + offset(zone, at));
  const moved = addMonths(local, months).getTime() + days * msPerDay;
  return toInstant(zone, moved) + ms;
}

const offset = (zone: IANAZone, at: number) => zone.offset(at) * 60_000;

function addMonths(local: Date, months: number): Date {
  const month = local.getUTCMonth() + months;
  const lastDay = new Date(Date.UTC(local.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const moved = new Date(local);
  moved.setUTCDate(1);
  moved.setUTCMonth(month);
  moved.setUTCDate(Math.min(local.getUTCDate(), lastDay));
  return moved;
}

function toInstant(zone: IANAZone, local: number): number {
  const before = local - offset(zone, local - msPerDay);
  const after = local - offset(zone, local + msPerDay);
  const isAfter = after + offset(zone, after) === local;
  const isBefore = before + offset(zone, before) === local;
  return isAfter || !isBefore ? (isAfter ? after : before) : before;
}
