import type { Database } from '../platform/database.ts';

const keptMs = 60_000;

/** About how many customers a workspace has, counted once a minute at the most. */
export function createCustomerCounter(database: Database) {
  const counts = new Map<string, { count: Promise<number>; until: number }>();
  return (workspaceId: string): Promise<number> => {
    const kept = counts.get(workspaceId);
    if (kept && kept.until > Date.now()) return kept.count;
    const count = countCustomers(database, workspaceId);
    counts.set(workspaceId, { count, until: Date.now() + keptMs });
    count.catch(() => counts.delete(workspaceId));
    return count;
  };
}

const countCustomers = (database: Database, workspaceId: string) =>
  database.inWorkspace(workspaceId, async (sql) => {
    const { rows } = await sql.query<{ count: number }>(
      'select count(*)::int as count from customer where workspace_id = $1',
      [workspaceId],
    );
    return rows[0]?.count ?? 0;
  });
