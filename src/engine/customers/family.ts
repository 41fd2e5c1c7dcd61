import { type Sql, sql } from '../../platform/sql.ts';

/**
 * The customers whose history belongs to `owner`: itself and those merged into it. Events and changes
 * keep the id of the customer they were recorded for, so that a merge can be undone. These are two look-ups
 * because one with `or` reads all customers while the table has no statistics.
 */
export const familyOf = (workspaceId: string, owner: Sql) => sql`
  (select ${owner} as id
   union all
   select absorbed.id from customer absorbed
   where absorbed.workspace_id = ${workspaceId}::uuid and absorbed.merged_into = ${owner})`;

/** An instant in microseconds since 1970: a `Date` would lose the last three digits. */
export const ticksOf = (instant: Sql) => sql`(extract(epoch from ${instant}) * 1000000)::bigint`;

/** The instant of such microseconds; exact, since a double holds them up to the year 2255. */
export const instantOfTicks = (ticks: string) =>
  sql`(timestamptz 'epoch' + ${ticks}::float8 * interval '1 microsecond')`;

/** Rows by the customer they were asked for, in the order in which they came. */
export const groupByOwner = <Row extends { ownerId: string }>(rows: readonly Row[]) =>
  Map.groupBy(rows, ({ ownerId }) => ownerId);
