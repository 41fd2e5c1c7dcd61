import { type Sql, sql } from '../../platform/sql.ts';

/**
 * Selects the customers whose history belongs to `owner`: itself and those merged into it. Events and changes keep the
 * id of the customer they were recorded for, so that a merge can be undone. Two look-ups, because one with `or` reads
 * all customers while the planner has no statistics.
 */
export const familyOf = (workspaceId: string, owner: Sql) => sql`
  (select ${owner} as id
   union all
   select absorbed.id from customer absorbed
   where absorbed.workspace_id = ${workspaceId}::uuid and absorbed.merged_into = ${owner})`;

/** Converts an instant to microseconds since 1970; a `Date` has only milliseconds. */
export const ticksOf = (instant: Sql) => sql`(extract(epoch from ${instant}) * 1000000)::bigint`;

/** Converts microseconds to an instant; exact up to the year 2255, because they fit into a double. */
export const instantOfTicks = (ticks: string) =>
  sql`(timestamptz 'epoch' + ${ticks}::float8 * interval '1 microsecond')`;

/** Groups rows by the customer they were requested for, in their order. */
export const groupByOwner = <Row extends { ownerId: string }>(rows: readonly Row[]) =>
  Map.groupBy(rows, ({ ownerId }) => ownerId);
