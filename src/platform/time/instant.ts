/**
 * RFC 3339, and offsets without a colon ("+0000"), which many programs write. A leap second is the last second of a
 * month in UTC; like PostgreSQL, it is counted as the first second of the next month.
 */
const form =
  /^(\d{4}-\d\d-\d\d)[Tt]((?:[01]\d|2[0-3]):[0-5]\d):([0-5]\d|60)(\.\d+)?(?:[Zz]|([+-](?:[01]\d|2[0-3])):?([0-5]\d))$/;

const earliest = Date.parse('0001-01-01T00:00:00Z');
const latest = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Parses an instant in RFC 3339; undefined when it is malformed, names a day that does not exist, or is outside the
 * years 1 to 9999. Every instant that a client sends is parsed here; `told_instant` does the same in SQL.
 */
export function parseInstant(value: unknown): Date | undefined {
  const parts = typeof value === 'string' ? form.exec(value) : null;
  if (!parts) return undefined;
  const [, day = '', minute, second, fraction = '', hours, minutes] = parts;
  if (!isDay(day)) return undefined;
  const isLeap = second === '60';
  const offset = hours === undefined ? 'Z' : `${hours}:${minutes}`;
  const ms = Date.parse(`${day}T${minute}:${isLeap ? '59' : second}${fraction}${offset}`);
  const counted = isLeap ? ms + 1_000 : ms;
  if (counted < earliest || counted > latest || (isLeap && !startsMonth(counted))) return undefined;
  return new Date(counted);
}

/** Whether the day exists: `Date` alone reads February 30 as March 2. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

const startsMonth = (ms: number) => new Date(ms).toISOString().slice(8, 19) === '01T00:00:00';
