import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';

/** Counts the events of a workspace. The growth since a fit decides when to refit. */
export async function countEvents(db: Transaction): Promise<number> {
  const { rows } = await db.query<{ events: string }>(sql`
    select coalesce(sum(events), 0) as events from customer where workspace_id = ${db.workspaceId}`);
  return Number(rows[0]?.events ?? 0);
}
