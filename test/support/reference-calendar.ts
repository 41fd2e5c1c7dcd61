/** An ISO 8601 duration: calendar months and days, then exact time. */
interface CalendarDuration {
  months: number;
  days: number;
  ms: number;
}

const msPerMinute = 60_000;
const msPerHour = 60 * msPerMinute;

/** Parses an ISO 8601 duration. */
export function parseReferenceDuration(text: string): CalendarDuration {
  const [date = '', time = ''] = text.slice(1).split('T');
  const amount = (part: string, letter: string) =>
    Number(part.match(new RegExp(`([\\d.]+)${letter}`))?.[1] ?? 0);
  return {
    months: amount(date, 'Y') * 12 + amount(date, 'M'),
    days: amount(date, 'W') * 7 + amount(date, 'D'),
    ms: Math.round(
      amount(time, 'H') * msPerHour + amount(time, 'M') * msPerMinute + amount(time, 'S') * 1_000,
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

/** The local time in the zone, as if it were UTC. */
export function wallClock(at: number, timeZone: string): number {
  // Clocks change only at a quarter of an hour.
  const quarter = Math.floor(at / (15 * msPerMinute)) * 15 * msPerMinute;
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
 * The instant of a local time; the later one if it occurs twice. A skipped local time is interpreted with the offset
 * before the clock change.
 */
export function instantOfWallClock(wall: number, timeZone: string): number {
  const around = Array.from({ length: 105 }, (_, step) => wall + (step - 52) * (msPerHour / 2));
  const nearby = around.map((at) => wallClock(at, timeZone) - at);
  const possible = [...new Set(nearby)].map((offset) => wall - offset);
  const shown = possible.filter((at) => wallClock(at, timeZone) === wall);
  if (shown.length > 0) return Math.max(...shown);
  // The last half hour with an earlier local time.
  const before = around.filter((at) => wallClock(at, timeZone) < wall);
  const last = Math.max(...before);
  return wall - (wallClock(last, timeZone) - last);
}

/** An instant plus (`sign` 1) or minus (-1) a duration, by the calendar of the zone. */
export function shift(at: number, text: string, timeZone: string, sign: 1 | -1 = 1): number {
  const { months, days, ms } = parseReferenceDuration(text);
  const exact = sign * ms;
  if (months === 0 && days === 0) return at + exact;
  const moved = moveMonths(new Date(wallClock(at, timeZone)), sign * months);
  moved.setUTCDate(moved.getUTCDate() + sign * days);
  return instantOfWallClock(moved.getTime(), timeZone) + exact;
}

/** Limits a day that the target month does not have to its last day. */
function moveMonths(date: Date, months: number): Date {
  const moved = new Date(date);
  moved.setUTCMonth(moved.getUTCMonth() + months);
  // Overflowed into the next month: back to the last day.
  if (moved.getUTCDate() !== date.getUTCDate()) moved.setUTCDate(0);
  return moved;
}

const dayPattern = /^(\d{4})-(\d{2})-(\d{2})$/;
const instantPattern =
  /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)$/i;

/** Parses a date value: a day, as its first instant in the zone, or RFC 3339 with an offset. */
export function readDate(text: unknown, timeZone: string): number | undefined {
  if (typeof text !== 'string') return undefined;
  const midnight = Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
  // A non-existent day is invalid, although some parsers accept it as a day of the next month.
  const exists =
    Number.isFinite(midnight) &&
    new Date(midnight).toISOString().slice(0, 10) === text.slice(0, 10);
  if (!exists) return undefined;
  if (dayPattern.test(text)) return instantOfWallClock(midnight, timeZone);
  return instantPattern.test(text) ? readInstant(text.toUpperCase()) : undefined;
}

/** An offset may lack its colon. A second 60 is the one after the second 59, and exists at the end of a month in UTC. */
function readInstant(text: string): number | undefined {
  const complete = text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2');
  if (!complete.includes(':60')) return Date.parse(complete);
  const next = new Date(Date.parse(complete.replace(':60', ':59')) + 1_000);
  const startsMonth = next.getUTCDate() === 1 && next.getUTCHours() + next.getUTCMinutes() === 0;
  return startsMonth ? next.getTime() : undefined;
}
