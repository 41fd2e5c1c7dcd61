import type { Database, Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';

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

// Like the operation that it is for, the count is given up by the database when its time is over.
const countCustomers = (database: Database, workspaceId: string) =>
  database.readWorkspace(workspaceId, (tx) => tx.customer.count({ where: { workspaceId } }));

/** Those that were merged into another one are not counted. */
export async function countUnmergedCustomers(db: Transaction): Promise<number> {
  const { rows } = await db.query<{ count: number }>(sql`
    select count(*)::int as count from customer
      where workspace_id = ${db.workspaceId} and merged_into is null`);
  return rows[0]?.count ?? 0;
}
