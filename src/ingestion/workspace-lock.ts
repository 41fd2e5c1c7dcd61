import type { Sql } from '../platform/database.ts';

/**
 * Until commit nobody else changes customers of this workspace, in this process or another: who is who
 * can then be decided in memory, and a message is looked up and stored without a race.
 */
export async function lockWorkspace(sql: Sql, workspaceId: string) {
  await sql.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [workspaceId]);
}
