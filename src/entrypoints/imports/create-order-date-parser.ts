import { DateTime, type DateTimeOptions } from 'luxon';
import { createDayReader } from './create-day-reader.ts';
import { LineRejected } from './line-rejected.ts';

interface OrderDateOptions {
  /** The time zone of dates, and of times without one. */
  timeZone: string;
  /** A luxon format. If absent, common formats are detected for each value. */
  format?: string | undefined;
}

const compact = /^\d{8}$/;
const isoDate = /^\d{4}-\d{2}-\d{2}$/;
const isoDateTime =
  /^\d{4}-?\d{2}-?\d{2}[T ]\d{2}:?\d{2}(:?\d{2}([.,]\d+)?)?\s?(Z|[+-]\d{2}(:?\d{2})?)?$/i;
const maxCachedDates = 10_000;

/** Creates a parser of order dates that returns RFC 3339 in UTC and caches repeated dates. */
export function createOrderDateParser(options: OrderDateOptions): (text: string) => string {
  const cache = new Map<string, string>();
  const parseFast = options.format ? () => undefined : createDayReader(options.timeZone);
  return (text) => {
    const known = cache.get(text) ?? parseFast(text);
    if (known !== undefined) return known;
    // Clearing the whole cache bounds memory, and is simple enough because equal dates are close in a file.
    if (cache.size >= maxCachedDates) cache.clear();
    const instant = parseOrderDate(text, options);
    cache.set(text, instant);
    return instant;
  };
}

function parseOrderDate(text: string, { timeZone, format }: OrderDateOptions) {
  if (text === '') throw new LineRejected('is empty');
  const shown = `"${text.slice(0, 40)}"`;
  const parsed = format
    ? DateTime.fromFormat(text, format, { zone: timeZone, setZone: true, locale: 'en' })
    : parseCommonFormat(text, { zone: timeZone, setZone: true });
  if (!parsed) {
    throw new LineRejected(`${shown} is not a date: use yyyymmdd, yyyy-mm-dd or an ISO date-time`);
  }
  if (!parsed.isValid) throw new LineRejected(`${shown} is not a date: ${explain(parsed, format)}`);
  return earliest(parsed).toUTC().toISO() ?? '';
}

function parseCommonFormat(text: string, options: DateTimeOptions) {
  if (compact.test(text)) return DateTime.fromFormat(text, 'yyyyMMdd', options);
  if (isoDate.test(text)) return DateTime.fromISO(text, options);
  if (!isoDateTime.test(text)) return undefined;
  return DateTime.fromISO(text.replace(/[T ]/i, 'T').replace(/\s/, ''), options);
}

// When clocks are set back, some times occur twice, in some zones midnight: the earlier one is used. A time with an
// offset keeps it (`setZone`) and is never ambiguous. For a skipped midnight luxon returns the first instant of the day.
const earliest = (time: DateTime) => time.getPossibleOffsets()[0] ?? time;

function explain(invalid: DateTime, format: string | undefined) {
  if (invalid.invalidReason === 'unparsable') return `it does not match ${format ?? 'ISO 8601'}`;
  return invalid.invalidExplanation ?? 'it does not exist';
}
