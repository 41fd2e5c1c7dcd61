import { DateTime, type DateTimeOptions } from 'luxon';
import { createDayReader } from './create-day-reader.ts';
import { LineRejected } from './line-rejected.ts';

interface OrderDateOptions {
  /** Where a time without zone is, and a date's midnight. */
  timeZone: string;
  /** A luxon format; without one the usual forms are recognised value by value. */
  format?: string | undefined;
}

const compact = /^\d{8}$/;
const isoDate = /^\d{4}-\d{2}-\d{2}$/;
const isoDateTime =
  /^\d{4}-?\d{2}-?\d{2}[T ]\d{2}:?\d{2}(:?\d{2}([.,]\d+)?)?\s?(Z|[+-]\d{2}(:?\d{2})?)?$/i;
const mostRemembered = 10_000;

/** Makes a reader of order dates that answers in UTC, as RFC 3339; it remembers repeated dates. */
export function createOrderDateParser(options: OrderDateOptions): (text: string) => string {
  const remembered = new Map<string, string>();
  const readQuickly = options.format ? () => undefined : createDayReader(options.timeZone);
  return (text) => {
    const known = remembered.get(text) ?? readQuickly(text);
    if (known !== undefined) return known;
    // Forgetting all at once is crude, yet keeps memory bounded and days of a file repeat closely.
    if (remembered.size >= mostRemembered) remembered.clear();
    const instant = parseOrderDate(text, options);
    remembered.set(text, instant);
    return instant;
  };
}

function parseOrderDate(text: string, { timeZone, format }: OrderDateOptions) {
  if (text === '') throw new LineRejected('is empty');
  const shown = `"${text.slice(0, 40)}"`;
  const parsed = format
    ? DateTime.fromFormat(text, format, { zone: timeZone, setZone: true, locale: 'en' })
    : parseUsual(text, { zone: timeZone, setZone: true });
  if (!parsed) {
    throw new LineRejected(`${shown} is no date as yyyymmdd, yyyy-mm-dd or an ISO date-time`);
  }
  if (!parsed.isValid) throw new LineRejected(`${shown} is no date: ${explain(parsed, format)}`);
  return earliest(parsed).toUTC().toISO() ?? '';
}

function parseUsual(text: string, options: DateTimeOptions) {
  if (compact.test(text)) return DateTime.fromFormat(text, 'yyyyMMdd', options);
  if (isoDate.test(text)) return DateTime.fromISO(text, options);
  if (!isoDateTime.test(text)) return undefined;
  return DateTime.fromISO(text.replace(/[T ]/i, 'T').replace(/\s/, ''), options);
}

// A clock that is put back shows some times twice, in some places midnight: a day begins with the
// first of the two. A time that says its offset keeps it (`setZone`) and is never one of two. Where midnight is skipped luxon already gives the first moment of the day.
const earliest = (time: DateTime) => time.getPossibleOffsets()[0] ?? time;

function explain(invalid: DateTime, format: string | undefined) {
  if (invalid.invalidReason === 'unparsable') return `it does not read as ${format ?? 'ISO 8601'}`;
  return invalid.invalidExplanation ?? 'it does not exist';
}
