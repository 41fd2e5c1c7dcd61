import type { Sql } from '../../platform/database.ts';

/** All events known of a workspace: how many have come since a fit decides when to fit anew. */
export async function countEvents(sql: Sql, workspaceId: string): Promise<number> {
  const { rows } = await sql.query<{ events: string }>(
    'select coalesce(sum(events), 0) as events from customer where workspace_id = $1',
    [workspaceId],
  );
  return Number(rows[0]?.events ?? 0);
}
