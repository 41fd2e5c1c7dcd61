import { Prisma } from '../../../prisma/generated/client.ts';
import type { Tx } from '../../platform/database.ts';
import { instantOf, ticksOf } from './family.ts';

export type CustomerSort =
  | 'CREATED'
  | 'LAST_SEEN'
  | 'ORDER_COUNT'
  | 'NET_REVENUE'
  | 'NAME'
  | 'RISK'
  | 'VALUE_AT_RISK';
export type Direction = 'ASC' | 'DESC';

/** Which customers are wanted. */
export interface CustomerSelection {
  /** Part of a name, an e-mail address, an identity or an id, in any case. */
  text: string | undefined;
  /** A condition on the row `c` of `customer`. */
  holds: Prisma.Sql | undefined;
}

export interface CustomerPage extends CustomerSelection {
  sort: CustomerSort;
  direction: Direction;
  /** Cursors as they come with the rows: the values of the sort and the id. */
  after: readonly string[] | undefined;
  before: readonly string[] | undefined;
  /** Reads the end of the range; the last row comes first. */
  backwards: boolean;
  limit: number;
  /** Without it nobody is assessed. */
  risk?: RiskOrder;
}

/** What customers are ordered by whose risk moves with time: all pages of a list are as of one instant. */
export interface RiskOrder {
  /** The instant of the first page. */
  now: Date;
  /** Of the row `c`, from 0 to 1 and null for whoever is not assessed. */
  score(at: Date): Prisma.Sql;
  /** The calibrated score times what the customer is still worth, likewise. */
  valueAtRisk(at: Date): Prisma.Sql;
}

export interface FoundCustomer {
  id: string;
  /** The values the list is sorted by, as text, without the id. */
  sortedBy: string[];
}

interface SortKey {
  value: Prisma.Sql;
  /** The value as a text that loses nothing, and back. */
  toText: Prisma.Sql;
  fromText: (text: string) => Prisma.Sql;
  pattern: RegExp;
}

const whole = (value: Prisma.Sql): SortKey => ({
  value,
  toText: Prisma.sql`(${value})::text`,
  fromText: (text) => Prisma.sql`${text}::bigint`,
  pattern: /^-?\d{1,18}$/,
});

const instant = (value: Prisma.Sql): SortKey => ({
  value,
  toText: Prisma.sql`${ticksOf(value)}::text`,
  fromText: instantOf,
  pattern: /^-?\d{1,17}$/,
});

/** From 0 up; whoever has none counts as less than everybody who has one. */
const fraction = (value: Prisma.Sql): SortKey => {
  const known = Prisma.sql`coalesce((${value})::float8, -1)`;
  return {
    value: known,
    toText: Prisma.sql`(${known})::text`,
    fromText: (text) => Prisma.sql`${text}::float8`,
    pattern: /^-?\d{1,20}(\.\d{1,20})?(e[-+]?\d{1,3})?$/,
  };
};

/** The instant of the list is part of every place in it. */
function asOf(
  { risk = unordered, after, before }: Sorted,
  value: (order: RiskOrder, at: Date) => Prisma.Sql,
): SortKey[] {
  const told = (after ?? before)?.[0];
  const at = told === undefined ? risk.now : new Date(Number(told));
  const instant = { ...whole(Prisma.sql`${at.getTime()}::bigint`), pattern: /^\d{1,13}$/ };
  return [instant, fraction(value(risk, at))];
}

const lowerName: SortKey = {
  value: Prisma.sql`lower(coalesce(c.name, ''))`,
  toText: Prisma.sql`lower(coalesce(c.name, ''))`,
  fromText: (text) => Prisma.sql`${text}::text`,
  pattern: /^[^\0]*$/s,
};

type Sorted = Pick<CustomerPage, 'direction' | 'risk' | 'after' | 'before'>;

// Whoever has no name comes last, in both directions: a list of names begins with names.
const sorts: Record<CustomerSort, (asked: Sorted) => SortKey[]> = {
  CREATED: () => [instant(Prisma.sql`c.first_seen_at`)],
  LAST_SEEN: () => [instant(Prisma.sql`c.last_seen_at`)],
  ORDER_COUNT: () => [whole(Prisma.sql`c.orders`)],
  NET_REVENUE: () => [whole(Prisma.sql`c.gross_revenue - c.refunded`)],
  RISK: (asked) => asOf(asked, ({ score }, at) => score(at)),
  VALUE_AT_RISK: (asked) => asOf(asked, ({ valueAtRisk }, at) => valueAtRisk(at)),
  NAME: ({ direction }) => [
    whole(
      direction === 'ASC'
        ? Prisma.sql`(c.name is null)::int`
        : Prisma.sql`(c.name is not null)::int`,
    ),
    lowerName,
  ],
};

/** What the values of a row's cursor look like, without the id. */
export const sortPatterns = (sort: CustomerSort): RegExp[] =>
  sorts[sort]({ direction: 'ASC', after: undefined, before: undefined }).map(
    ({ pattern }) => pattern,
  );

const unordered: RiskOrder = {
  now: new Date(0),
  score: () => Prisma.sql`null`,
  valueAtRisk: () => Prisma.sql`null`,
};

/** One page of the customers in any stage, merged ones left out. */
export function findCustomers(
  tx: Tx,
  workspaceId: string,
  page: CustomerPage,
): Promise<FoundCustomer[]> {
  const keys = sorts[page.sort](page);
  const upwards = (page.direction === 'ASC') !== page.backwards;
  const direction = upwards ? Prisma.sql`asc` : Prisma.sql`desc`;
  const values = [...keys.map(({ value }) => value), Prisma.sql`c.id`];
  return tx.$queryRaw<FoundCustomer[]>`
    select c.id, array[${Prisma.join(keys.map(({ toText }) => toText))}] as "sortedBy"
    from customer c
    where ${selected(workspaceId, page)}
      ${beyond(keys, page.after, page.direction === 'ASC')}
      ${beyond(keys, page.before, page.direction === 'DESC')}
    order by ${Prisma.join(values.map((value) => Prisma.sql`${value} ${direction}`))}
    limit ${page.limit}`;
}

/** How many customers the selection has, whatever the page. */
export async function countCustomers(
  tx: Tx,
  workspaceId: string,
  selection: CustomerSelection,
): Promise<number> {
  const [row] = await tx.$queryRaw<[{ customers: number }]>`
    select count(*)::int as customers from customer c where ${selected(workspaceId, selection)}`;
  return row.customers;
}

/** The rows on the far side of a cursor. */
function beyond(keys: SortKey[], place: readonly string[] | undefined, greater: boolean) {
  if (!place) return Prisma.empty;
  const row = Prisma.join([...keys.map(({ value }) => value), Prisma.sql`c.id`]);
  const bounds = keys.map(({ fromText }, i) => fromText(place[i] ?? ''));
  const bound = Prisma.join([...bounds, Prisma.sql`${place.at(-1)}::uuid`]);
  return greater ? Prisma.sql`and (${row}) > (${bound})` : Prisma.sql`and (${row}) < (${bound})`;
}

function selected(workspaceId: string, { text, holds }: CustomerSelection) {
  const conditions = [Prisma.sql`c.workspace_id = ${workspaceId}::uuid and c.merged_into is null`];
  if (holds) conditions.push(holds);
  if (text) conditions.push(mentions(workspaceId, `%${text.replace(/[\\%_]/g, '\\$&')}%`));
  return Prisma.join(conditions, ' and ');
}

// Identities and ids of merged customers lead to the survivor.
const mentions = (workspaceId: string, pattern: string) => Prisma.sql`(
  c.email ilike ${pattern} or c.name ilike ${pattern}
  or c.id in (
    select coalesce(m.merged_into, m.id) from customer m
    where m.workspace_id = ${workspaceId}::uuid and m.id::text ilike ${pattern}
    union all
    select coalesce(m.merged_into, m.id) from identity i
    join customer m on m.workspace_id = i.workspace_id and m.id = i.customer_id
    where i.workspace_id = ${workspaceId}::uuid and i.value ilike ${pattern}))`;
