import type { Database } from '../../platform/database.ts';

export const hasCustomers = (database: Database, workspaceId: string): Promise<boolean> =>
  database.inWorkspace(workspaceId, async (sql) => {
    const { rows } = await sql.query('select from customer where workspace_id = $1 limit 1', [
      workspaceId,
    ]);
    return rows.length > 0;
  });
