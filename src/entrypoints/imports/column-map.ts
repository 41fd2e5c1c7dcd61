import { InvalidInput } from '../../platform/errors.ts';

/** Maps fields to columns. Each value is a header name or a 1-based column number. */
export interface ColumnMap {
  customer: string;
  date: string;
  amount: string;
  order?: string;
  currency?: string;
  email?: string;
  quantity?: string;
  /** Further columns, by the name of the event property. */
  properties: Record<string, string>;
}

const required = ['customer', 'date', 'amount'] as const;
const optional = ['order', 'currency', 'email', 'quantity'] as const;
const example = 'customer=customer_id,date=date,amount=dollar_value';
const propertyPrefix = 'properties.';

// Properties that other fields set: two columns for one property would silently lose one.
const reservedProperties: Record<string, string> = {
  total: 'amount',
  order_id: 'order',
  currency: 'currency',
  quantity: 'quantity',
};

/** Parses `customer=…,date=…,amount=…[,order=…,properties.name=…]`. */
export function parseColumnMap(text: string): ColumnMap {
  const entries = new Map<string, string>();
  for (const part of text.split(',')) {
    const { field, column } = parseEntry(part);
    if (entries.has(field)) throw new InvalidInput(`The mapping has "${field}=" twice.`);
    entries.set(field, column);
  }
  const requireColumn = (field: string) => entries.get(field) ?? refuseMissing(field);
  const map: ColumnMap = {
    customer: requireColumn('customer'),
    date: requireColumn('date'),
    amount: requireColumn('amount'),
    properties: parseProperties(entries),
  };
  for (const field of optional) {
    const column = entries.get(field);
    if (column !== undefined) map[field] = column;
  }
  return map;
}

/** Lists the mapped columns with their fields. */
export function mappedColumns(map: ColumnMap): Array<{ field: string; column: string }> {
  const { properties, ...named } = map;
  const extra = Object.entries(properties).map(([name, column]) => ({
    field: propertyPrefix + name,
    column,
  }));
  return [...Object.entries(named).map(([field, column]) => ({ field, column })), ...extra];
}

function parseEntry(part: string) {
  const equals = part.indexOf('=');
  const field = part.slice(0, equals).trim();
  const column = part.slice(equals + 1).trim();
  if (equals < 1 || field === '' || column === '') {
    throw new InvalidInput(
      `"${part.trim()}" in the mapping is not FIELD=COLUMN. Example: ${example}. Use the number of a column whose name contains a comma.`,
    );
  }
  if (!isField(field)) throw unknownField(field);
  return { field, column };
}

function isField(field: string) {
  if (field.startsWith(propertyPrefix)) return field.length > propertyPrefix.length;
  return [...required, ...optional].some((known) => known === field);
}

const unknownField = (field: string) =>
  new InvalidInput(
    `"${field}" is not a field of the mapping. Fields are ${[...required, ...optional].join(', ')} and properties.NAME. To import the column as a property, use properties.${field}=COLUMN.`,
  );

function refuseMissing(field: string): never {
  throw new InvalidInput(
    `The mapping has no column for ${field}: add ${field}=COLUMN. Example: ${example}.`,
  );
}

function parseProperties(entries: Map<string, string>) {
  const extra = [...entries].filter(([field]) => field.startsWith(propertyPrefix));
  return Object.fromEntries(
    extra.map(([field, column]) => {
      const name = field.slice(propertyPrefix.length);
      const setter = Object.hasOwn(reservedProperties, name) ? reservedProperties[name] : undefined;
      if (setter !== undefined) {
        throw new InvalidInput(
          `${field}= is not possible. Use ${setter}=, which sets this property.`,
        );
      }
      return [name, column];
    }),
  );
}
