import type { Sql } from '../../platform/database.ts';

/** Counts the events of a workspace. The growth since a fit decides when to refit. */
export async function countEvents(sql: Sql, workspaceId: string): Promise<number> {
  const { rows } = await sql.query<{ events: string }>(
    'select coalesce(sum(events), 0) as events from customer where workspace_id = $1',
    [workspaceId],
  );
  return Number(rows[0]?.events ?? 0);
}
