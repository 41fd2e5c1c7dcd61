import type { Database, Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';

const cacheMs = 60_000;

/** Counts the customers of a workspace, at most once a minute. */
export function createCustomerCounter(database: Database) {
  const counts = new Map<string, { count: Promise<number>; until: number }>();
  return (workspaceId: string): Promise<number> => {
    const cached = counts.get(workspaceId);
    if (cached && cached.until > Date.now()) return cached.count;
    const count = countCustomers(database, workspaceId);
    counts.set(workspaceId, { count, until: Date.now() + cacheMs });
    count.catch(() => counts.delete(workspaceId));
    return count;
  };
}

// In a read transaction, so that the timeout of operations applies.
const countCustomers = (database: Database, workspaceId: string) =>
  database.readWorkspace(workspaceId, (tx) => tx.customer.count({ where: { workspaceId } }));

/** Counts the customers without those merged into another one. */
export async function countUnmergedCustomers(db: Transaction): Promise<number> {
  const { rows } = await db.query<{ count: number }>(sql`
    select count(*)::int as count from customer
      where workspace_id = ${db.workspaceId} and merged_into is null`);
  return rows[0]?.count ?? 0;
}
