import type { Transaction } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import { changesChannel } from './append.ts';

/**
 * Appends the changes that a query selects, inside the database: `customer_id`, `at`, `kind` and its `data` as in
 * `ChangeData`, in the order of the log. Like `appendChanges`, call it last. Returns their number.
 */
export async function appendSelected(
  db: Transaction,
  select: Sql,
  recordedAt: Date,
): Promise<number> {
  const { rows } = await db.query<{ count: number }>(sql`
    with selected as materialized (
      select row_number() over () as ordinal, found.customer_id, found.at, found.kind, found.data
      from (${select}) as found
    ), counter as (
      update change_counter set position = position + (select count(*) from selected)
      where workspace_id = ${db.workspaceId}::uuid and exists (select from selected)
      returning position - (select count(*) from selected) as before
    ), inserted as (
      insert into change (workspace_id, position, kind, customer_id, at, recorded_at, data)
      select ${db.workspaceId}::uuid, counter.before + s.ordinal, s.kind, s.customer_id, s.at,
        ${recordedAt}::timestamptz, s.data
      from counter, selected s
    )
    select (select count(*)::int from selected) as count,
      (select pg_notify(${changesChannel}::text, ${db.workspaceId}::text)::text from counter) as notified`);
  return rows[0]?.count ?? 0;
}
