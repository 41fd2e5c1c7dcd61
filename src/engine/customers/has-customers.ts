import type { Database } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';

export const hasCustomers = (database: Database, workspaceId: string): Promise<boolean> =>
  database.inWorkspace(workspaceId, async (db) => {
    const { rows } = await db.query(sql`
      select from customer where workspace_id = ${workspaceId} limit 1`);
    return rows.length > 0;
  });
