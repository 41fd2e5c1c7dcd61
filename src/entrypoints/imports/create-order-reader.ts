import { LineRejected } from './line-rejected.ts';
import { messageId } from './message-id.ts';
import { parseDecimal } from './parse-decimal.ts';
import type { Row } from './read-rows.ts';
import type { Column, ResolvedColumns } from './resolve-columns.ts';

/** One order as a tracking call. */
export interface OrderCall {
  type: 'track';
  event: 'Order Completed';
  userId: string;
  messageId: string;
  timestamp: string;
  properties: Record<string, string | number>;
  context?: { traits: { email: string } };
}

interface OrderReaderOptions {
  source: string;
  columns: ResolvedColumns;
  /** The required number of columns. */
  width: number;
  parseDate: (text: string) => string;
  /** For lines without a currency. */
  currency?: string | undefined;
}

/** Creates a function that converts a row to its tracking call or throws `LineRejected`. */
export function createOrderReader(options: OrderReaderOptions): (row: Row) => OrderCall {
  const { source, columns, parseDate } = options;
  return (row) => {
    assertShape(row, options.width);
    const read = <T>(field: string, parse: (text: string) => T) =>
      readField(row, { column: columns.get(field), parse });
    const email = read('email', optionalText);
    return {
      type: 'track',
      event: 'Order Completed',
      userId: read('customer', requiredText) ?? '',
      messageId: messageId(source, row),
      timestamp: read('date', parseDate) ?? '',
      properties: readProperties(row, options),
      ...(email === undefined ? {} : { context: { traits: { email } } }),
    };
  };
}

function readProperties(row: Row, { columns, currency }: OrderReaderOptions) {
  const read = <T>(field: string, parse: (text: string) => T) =>
    readField(row, { column: columns.get(field), parse });
  const extra = [...columns].flatMap(([field, column]) =>
    field.startsWith('properties.')
      ? [
          [
            field.slice('properties.'.length),
            readField(row, { column, parse: propertyValue }),
          ] as const,
        ]
      : [],
  );
  const known = {
    order_id: read('order', optionalText),
    total: read('amount', parseDecimal),
    currency: read('currency', optionalCurrency) ?? currency,
    quantity: read('quantity', optionalDecimal),
  };
  return withoutUndefined([...Object.entries(known), ...extra]);
}

function withoutUndefined(entries: Array<readonly [string, string | number | undefined]>) {
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

function readField<T>(
  row: Row,
  { column, parse }: { column: Column | undefined; parse: (text: string) => T },
): T | undefined {
  if (!column) return undefined;
  const text = row.fields[column.index] ?? '';
  try {
    // Decoding replaced invalid UTF-8: the changed id would belong to another customer.
    if (text.includes('\uFFFD')) throw new LineRejected('is not UTF-8 text');
    return parse(text);
  } catch (error) {
    if (!(error instanceof LineRejected)) throw error;
    throw new LineRejected(`column ${column.label}: ${error.message}`);
  }
}

function assertShape({ fields, problem }: Row, width: number) {
  if (problem !== undefined) throw new LineRejected(problem);
  // Empty surplus fields come from trailing delimiters; any other difference means that values are in the wrong
  // columns.
  const surplus = fields.slice(width).some((field) => field !== '');
  if (fields.length < width || surplus) {
    throw new LineRejected(`has ${fields.length} columns instead of ${width}`);
  }
}

function requiredText(text: string) {
  if (text === '') throw new LineRejected('is empty');
  return text;
}

const optionalText = (text: string) => (text === '' ? undefined : text);
const optionalDecimal = (text: string) => (text === '' ? undefined : parseDecimal(text));

function optionalCurrency(text: string) {
  if (text === '') return undefined;
  if (!/^[a-z]{3}$/i.test(text)) {
    throw new LineRejected(`"${text.slice(0, 40)}" is not an ISO 4217 currency code such as EUR`);
  }
  return text.toUpperCase();
}

// Converts unambiguous numbers only; codes with leading zeros and long ids stay strings.
function propertyValue(text: string) {
  if (text === '') return undefined;
  return /^-?(0|[1-9]\d{0,8})(\.\d{1,6})?$/.test(text) ? Number(text) : text;
}
