import { Prisma } from '../../../prisma/generated/client.ts';
import type { Sql } from '../../platform/database.ts';
import { changesChannel } from './append.ts';

/**
 * Records the changes that a query selects, without the rows leaving the database: `customer_id`, `at`,
 * `kind` and its `data` as in `ChangeData`, in the order of the log. Like `appendChanges`, call it last.
 * Returns their number.
 */
export async function appendSelected(
  sql: Sql,
  workspaceId: string,
  select: Prisma.Sql,
  recordedAt: Date,
): Promise<number> {
  const { text, values } = Prisma.sql`
    with selected as materialized (
      select row_number() over () as ordinal, found.customer_id, found.at, found.kind, found.data
      from (${select}) as found
    ), counter as (
      update change_counter set position = position + (select count(*) from selected)
      where workspace_id = ${workspaceId}::uuid and exists (select from selected)
      returning position - (select count(*) from selected) as before
    ), inserted as (
      insert into change (workspace_id, position, kind, customer_id, at, recorded_at, data)
      select ${workspaceId}::uuid, counter.before + s.ordinal, s.kind, s.customer_id, s.at,
        ${recordedAt}::timestamptz, s.data
      from counter, selected s
    )
    select (select count(*)::int from selected) as count,
      (select pg_notify(${changesChannel}::text, ${workspaceId}::text)::text from counter) as notified`;
  const { rows } = await sql.query<{ count: number }>(text, values);
  return rows[0]?.count ?? 0;
}
