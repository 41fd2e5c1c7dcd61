import type { Tx } from '../../platform/database.ts';
import { emptySql, joinSql, rawSql, type Sql, sql } from '../../platform/sql.ts';
import { factSql, factType, requireFact } from './fact-table.ts';
import { instantOfTicks, ticksOf } from './family.ts';

/** The sort order of customers: a fact that is an instant or an integer, the name, or a time-dependent value. */
export type CustomerSort = { fact: string } | { byName: true } | TimeDependentValue;

/** A value that changes with time. All pages of a list use the instant of the first one. */
export interface TimeDependentValue {
  /** The instant of the first page. */
  now: Date;
  /** A number of the row `c`, at least 0. Null ranks lowest. */
  valueAt(at: Date): Sql;
}

export type Direction = 'ASC' | 'DESC';

/** The customers to select. */
export interface CustomerSelection {
  /** Part of a name, an e-mail address, an identity or an id, case-insensitive. */
  text: string | undefined;
  /** A condition on the row `c` of `customer`. */
  holds: Sql | undefined;
}

export interface CustomerPage extends CustomerSelection {
  sort: CustomerSort;
  direction: Direction;
  /** Cursors of rows: the values of the sort keys and the id. */
  after: readonly string[] | undefined;
  before: readonly string[] | undefined;
  /** Reads from the end of the range, last row first. */
  backwards: boolean;
  limit: number;
}

export interface FoundCustomer {
  id: string;
  /** The values of the sort keys as text, without the id. */
  sortedBy: string[];
}

interface SortKey {
  value: Sql;
  /** Converts the value to text without loss, and back. */
  toText: Sql;
  fromText: (text: string) => Sql;
  pattern: RegExp;
}

const whole = (value: Sql): SortKey => ({
  value,
  toText: sql`(${value})::text`,
  fromText: (text) => sql`${text}::bigint`,
  pattern: /^-?\d{1,18}$/,
});

const instant = (value: Sql): SortKey => ({
  value,
  toText: sql`${ticksOf(value)}::text`,
  fromText: instantOfTicks,
  pattern: /^-?\d{1,17}$/,
});

/** A number of at least 0. Null ranks below every number. */
const fraction = (value: Sql): SortKey => {
  const known = sql`coalesce((${value})::float8, -1)`;
  return {
    value: known,
    toText: sql`(${known})::text`,
    fromText: (text) => sql`${text}::float8`,
    pattern: /^-?\d{1,20}(\.\d{1,20})?(e[-+]?\d{1,3})?$/,
  };
};

/** Includes the instant of the list in every cursor. */
function timeDependentKeys(
  { now, valueAt }: TimeDependentValue,
  { after, before }: Position,
): SortKey[] {
  const ms = (after ?? before)?.[0];
  const at = ms === undefined ? now : new Date(Number(ms));
  const instant = { ...whole(sql`${at.getTime()}::bigint`), pattern: /^\d{1,13}$/ };
  return [instant, fraction(valueAt(at))];
}

function factKey(name: string): SortKey {
  const fact = requireFact(name);
  const value = factSql(fact, (column) => rawSql(`c.${column}`));
  return factType(fact) === 'instant' ? instant(value) : whole(value);
}

const lowerName: SortKey = {
  value: sql`lower(coalesce(c.name, ''))`,
  toText: sql`lower(coalesce(c.name, ''))`,
  fromText: (text) => sql`${text}::text`,
  pattern: /^[^\0]*$/s,
};

/** Customers without a name come last, in both directions. */
const nameKeys = (direction: Direction): SortKey[] => [
  whole(direction === 'ASC' ? sql`(c.name is null)::int` : sql`(c.name is not null)::int`),
  lowerName,
];

type Position = Pick<CustomerPage, 'direction' | 'after' | 'before'>;

function sortKeys(sort: CustomerSort, position: Position): SortKey[] {
  if ('fact' in sort) return [factKey(sort.fact)];
  return 'byName' in sort ? nameKeys(position.direction) : timeDependentKeys(sort, position);
}

/** The patterns of the values in a row's cursor, without the id. */
export const sortPatterns = (sort: CustomerSort): RegExp[] =>
  sortKeys(sort, { direction: 'ASC', after: undefined, before: undefined }).map(
    ({ pattern }) => pattern,
  );

/** Finds one page of customers, without merged ones. */
export function findCustomers(
  tx: Tx,
  workspaceId: string,
  page: CustomerPage,
): Promise<FoundCustomer[]> {
  const keys = sortKeys(page.sort, page);
  const upwards = (page.direction === 'ASC') !== page.backwards;
  const direction = upwards ? sql`asc` : sql`desc`;
  const values = [...keys.map(({ value }) => value), sql`c.id`];
  return tx.$queryRaw<FoundCustomer[]>`
    select c.id, array[${joinSql(keys.map(({ toText }) => toText))}] as "sortedBy"
    from customer c
    where ${selected(workspaceId, page)}
      ${beyond(keys, page.after, page.direction === 'ASC')}
      ${beyond(keys, page.before, page.direction === 'DESC')}
    order by ${joinSql(values.map((value) => sql`${value} ${direction}`))}
    limit ${page.limit}`;
}

/** Counts the customers of a selection. */
export async function countCustomers(
  tx: Tx,
  workspaceId: string,
  selection: CustomerSelection,
): Promise<number> {
  const [row] = await tx.$queryRaw<[{ customers: number }]>`
    select count(*)::int as customers from customer c where ${selected(workspaceId, selection)}`;
  return row.customers;
}

/** The condition for rows after a cursor, in the direction given. */
function beyond(keys: SortKey[], cursor: readonly string[] | undefined, greater: boolean) {
  if (!cursor) return emptySql;
  const row = joinSql([...keys.map(({ value }) => value), sql`c.id`]);
  const bounds = keys.map(({ fromText }, i) => fromText(cursor[i] ?? ''));
  const bound = joinSql([...bounds, sql`${cursor.at(-1)}::uuid`]);
  return greater ? sql`and (${row}) > (${bound})` : sql`and (${row}) < (${bound})`;
}

function selected(workspaceId: string, { text, holds }: CustomerSelection) {
  const conditions = [sql`c.workspace_id = ${workspaceId}::uuid and c.merged_into is null`];
  if (holds) conditions.push(holds);
  if (text) conditions.push(mentions(workspaceId, `%${text.replace(/[\\%_]/g, '\\$&')}%`));
  return joinSql(conditions, ' and ');
}

// Identities and ids of merged customers lead to the survivor.
const mentions = (workspaceId: string, pattern: string) => sql`(
  c.email ilike ${pattern} or c.name ilike ${pattern}
  or c.id in (
    select coalesce(m.merged_into, m.id) from customer m
    where m.workspace_id = ${workspaceId}::uuid and m.id::text ilike ${pattern}
    union all
    select coalesce(m.merged_into, m.id) from identity i
    join customer m on m.workspace_id = i.workspace_id and m.id = i.customer_id
    where i.workspace_id = ${workspaceId}::uuid and i.value ilike ${pattern}))`;
