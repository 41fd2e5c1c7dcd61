/** RFC 3339 without leap seconds, which JavaScript does not count. PostgreSQL accepts no offset of 16 hours or more. */
const form =
  /^(\d{4}-\d\d-\d\d)[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:0\d|1[0-5]):[0-5]\d)$/;

const earliest = Date.parse('0001-01-01T00:00:00Z');
const latest = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Parses an instant in RFC 3339; undefined when it is malformed, names a day that does not exist, or is outside the
 * years 1 to 9999. Every instant that a client sends is parsed here.
 */
export function parseInstant(value: unknown): Date | undefined {
  const [text, day] = (typeof value === 'string' && form.exec(value)) || [];
  if (text === undefined || day === undefined || !isDay(day)) return undefined;
  const ms = Date.parse(text);
  return ms >= earliest && ms <= latest ? new Date(ms) : undefined;
}

/** Whether the day exists: `Date` alone reads February 30 as March 2. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}
