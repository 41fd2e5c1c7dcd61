import { InvalidInput } from '../../platform/errors.ts';

/** Which column holds what: each value is a header name or a 1-based column number. */
export interface ColumnMap {
  customer: string;
  date: string;
  amount: string;
  order?: string;
  currency?: string;
  email?: string;
  quantity?: string;
  /** Further columns to keep, by the name of the event property they become. */
  properties: Record<string, string>;
}

const required = ['customer', 'date', 'amount'] as const;
const optional = ['order', 'currency', 'email', 'quantity'] as const;
const example = 'customer=customer_id,date=date,amount=dollar_value';
const keep = 'properties.';

// What the named entries already set: two columns for one property would silently lose one of them.
const taken: Record<string, string> = {
  total: 'amount',
  order_id: 'order',
  currency: 'currency',
  quantity: 'quantity',
};

/** Reads `customer=…,date=…,amount=…[,order=…,properties.name=…]`. */
export function parseColumnMap(text: string): ColumnMap {
  const entries = new Map<string, string>();
  for (const part of text.split(',')) {
    const { field, column } = parseEntry(part);
    if (entries.has(field)) throw new InvalidInput(`The mapping says "${field}=" twice.`);
    entries.set(field, column);
  }
  const need = (field: string) => entries.get(field) ?? refuseMissing(field);
  const map: ColumnMap = {
    customer: need('customer'),
    date: need('date'),
    amount: need('amount'),
    properties: keptProperties(entries),
  };
  for (const field of optional) {
    const column = entries.get(field);
    if (column !== undefined) map[field] = column;
  }
  return map;
}

/** The columns the map refers to, each with the field it fills: for checks and for messages. */
export function mappedColumns(map: ColumnMap): Array<{ field: string; column: string }> {
  const { properties, ...named } = map;
  const kept = Object.entries(properties).map(([name, column]) => ({ field: keep + name, column }));
  return [...Object.entries(named).map(([field, column]) => ({ field, column })), ...kept];
}

function parseEntry(part: string) {
  const equals = part.indexOf('=');
  const field = part.slice(0, equals).trim();
  const column = part.slice(equals + 1).trim();
  if (equals < 1 || field === '' || column === '') {
    throw new InvalidInput(
      `"${part.trim()}" in the mapping is not FIELD=COLUMN. A whole mapping reads, for example, ${example}. A column whose name contains a comma is given by its number.`,
    );
  }
  if (!isField(field)) throw unknownField(field);
  return { field, column };
}

function isField(field: string) {
  if (field.startsWith(keep)) return field.length > keep.length;
  return [...required, ...optional].some((known) => known === field);
}

const unknownField = (field: string) =>
  new InvalidInput(
    `The mapping cannot fill "${field}". It fills ${[...required, ...optional].join(', ')} and properties.NAME, so to keep the column as a property say properties.${field}=COLUMN.`,
  );

function refuseMissing(field: string): never {
  throw new InvalidInput(
    `The mapping does not say which column holds the ${field}: add ${field}=COLUMN. A whole mapping reads, for example, ${example}.`,
  );
}

function keptProperties(entries: Map<string, string>) {
  const kept = [...entries].filter(([field]) => field.startsWith(keep));
  return Object.fromEntries(
    kept.map(([field, column]) => {
      const name = field.slice(keep.length);
      const setter = Object.hasOwn(taken, name) ? taken[name] : undefined;
      if (setter !== undefined) {
        throw new InvalidInput(`${field}= is not possible: the property is what ${setter}= fills.`);
      }
      return [name, column];
    }),
  );
}
