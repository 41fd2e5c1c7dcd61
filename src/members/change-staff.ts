import type { Database, Transaction } from '../platform/database.ts';
import { bumpRulesVersion, lockRulesExclusive } from '../platform/workspace-lock.ts';

/**
 * Runs a change of members or teams under the exclusive rules lock: stage owners are cached with the rules, and an
 * owner must not be deleted while it is being assigned.
 */
export const changeStaff = <T>(
  database: Database,
  workspaceId: string,
  work: (db: Transaction) => Promise<T>,
): Promise<T> =>
  database.inWorkspace(workspaceId, async (db) => {
    lockRulesExclusive(db);
    const result = await work(db);
    bumpRulesVersion(db);
    return result;
  });
