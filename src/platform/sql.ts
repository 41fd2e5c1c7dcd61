import { Prisma } from '../../prisma/generated/client.ts';

/** A statement or a part of one: its text and the values of its parameters. */
export type Sql = Prisma.Sql;

/** Composes SQL. An interpolated `Sql` becomes part of the text, any other value a parameter. Decision 0035. */
export const sql = Prisma.sql;

/** Joins parts, by default with commas. */
export const joinSql = Prisma.join;

/** Inserts a text as it is: only for names and fragments of this code, never for input. */
export const rawSql = Prisma.raw;

export const emptySql = Prisma.empty;

/** Columns by name: the SQL type, and the value of a row. */
export type RowColumns<Row> = Record<
  string,
  readonly [type: string, toValue: (row: Row, index: number) => unknown]
>;

/** Rows as a relation of this name, with one array parameter for each column. */
export function unnestRows<Row>(name: string, rows: readonly Row[], columns: RowColumns<Row>): Sql {
  const arrays = Object.values(columns).map(([type, toValue]) => {
    const values = rows.map(toValue);
    const array = needsQuotes.has(type) ? values : arrayText(values as Unquoted[]);
    return sql`${array}::${rawSql(type)}[]`;
  });
  return sql`unnest(${joinSql(arrays)}) as ${rawSql(`${name} (${Object.keys(columns).join(', ')})`)}`;
}

const needsQuotes: ReadonlySet<string> = new Set(['text', 'jsonb']);

type Unquoted = string | number | Date | null;

/** Formats an array parameter as PostgreSQL does: several times cheaper than the driver, which inspects each value. */
const arrayText = (values: readonly Unquoted[]): string =>
  `{${values.map((value) => (value instanceof Date ? value.toISOString() : (value ?? 'null'))).join(',')}}`;
