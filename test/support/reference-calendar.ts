/** A span of time as people write it: months and days of the calendar, then exact time. */
interface Span {
  months: number;
  days: number;
  ms: number;
}

const aMinute = 60_000;
const anHour = 60 * aMinute;

/** Reads an ISO 8601 duration letter by letter. */
export function readSpan(told: string): Span {
  const [date = '', time = ''] = told.slice(1).split('T');
  const amount = (part: string, letter: string) =>
    Number(part.match(new RegExp(`([\\d.]+)${letter}`))?.[1] ?? 0);
  return {
    months: amount(date, 'Y') * 12 + amount(date, 'M'),
    days: amount(date, 'W') * 7 + amount(date, 'D'),
    ms: Math.round(
      amount(time, 'H') * anHour + amount(time, 'M') * aMinute + amount(time, 'S') * 1_000,
    ),
  };
}

const clocks = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  clocks.set(timeZone, clock);
  return clock;
}

/** What a clock on the wall shows, as if it were UTC. */
export function wallClock(at: number, timeZone: string): number {
  // No zone changes its clocks but at a quarter of an hour.
  const quarter = Math.floor(at / (15 * aMinute)) * 15 * aMinute;
  const key = `${timeZone} ${quarter}`;
  const offset = offsets.get(key) ?? readClock(quarter, timeZone) - quarter;
  offsets.set(key, offset);
  return at + offset;
}

function readClock(at: number, timeZone: string): number {
  const parts = clockOf(timeZone).formatToParts(at);
  const shown = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(
    shown('year'),
    shown('month') - 1,
    shown('day'),
    shown('hour'),
    shown('minute'),
    shown('second'),
  );
}

/**
 * The instant at which the clock shows this; the later one if it does so twice. What it never shows is
 * read by the clock as it went before it was put forward.
 */
export function instantOfWallClock(wall: number, timeZone: string): number {
  const around = Array.from({ length: 105 }, (_, step) => wall + (step - 52) * (anHour / 2));
  const nearby = around.map((at) => wallClock(at, timeZone) - at);
  const possible = [...new Set(nearby)].map((offset) => wall - offset);
  const shown = possible.filter((at) => wallClock(at, timeZone) === wall);
  if (shown.length > 0) return Math.max(...shown);
  // The last half hour at which the clock still showed less.
  const before = around.filter((at) => wallClock(at, timeZone) < wall);
  const last = Math.max(...before);
  return wall - (wallClock(last, timeZone) - last);
}

/** An instant and a span later (`sign` 1) or earlier (-1), by the calendar of the zone. */
export function shift(at: number, told: string, timeZone: string, sign: 1 | -1 = 1): number {
  const { months, days, ms } = readSpan(told);
  const exact = sign * ms;
  if (months === 0 && days === 0) return at + exact;
  const moved = moveMonths(new Date(wallClock(at, timeZone)), sign * months);
  moved.setUTCDate(moved.getUTCDate() + sign * days);
  return instantOfWallClock(moved.getTime(), timeZone) + exact;
}

/** A day that the month does not have becomes its last one. */
function moveMonths(date: Date, months: number): Date {
  const moved = new Date(date);
  moved.setUTCMonth(moved.getUTCMonth() + months);
  // Gone over the end of the month: back to its last day.
  if (moved.getUTCDate() !== date.getUTCDate()) moved.setUTCDate(0);
  return moved;
}

const aDay = /^(\d{4})-(\d{2})-(\d{2})$/;
const aMoment =
  /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;

/** The instant that a value means as a date: a day's beginning in the zone, or RFC 3339 with offset. */
export function readDate(told: unknown, timeZone: string): number | undefined {
  if (typeof told !== 'string') return undefined;
  const midnight = Date.parse(`${told.slice(0, 10)}T00:00:00Z`);
  // A day that does not exist is no day, though some parsers read it as the next month's.
  const exists =
    Number.isFinite(midnight) &&
    new Date(midnight).toISOString().slice(0, 10) === told.slice(0, 10);
  if (!exists) return undefined;
  if (aDay.test(told)) return instantOfWallClock(midnight, timeZone);
  return aMoment.test(told) ? Date.parse(told.toUpperCase()) : undefined;
}
