import type { Database, Sql } from '../platform/database.ts';
import { lockRules, renewRules } from '../platform/workspace-lock.ts';

/**
 * For whatever changes who there is and who belongs to what: the owners of stages are kept along with
 * the rules, and while a thing is given an owner nobody may take that owner away.
 */
export const changeStaff = <T>(
  database: Database,
  workspaceId: string,
  work: (sql: Sql) => Promise<T>,
): Promise<T> =>
  database.inWorkspace(workspaceId, async (sql) => {
    lockRules(sql, workspaceId);
    const result = await work(sql);
    renewRules(sql, workspaceId);
    return result;
  });
