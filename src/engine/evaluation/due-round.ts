import type { Database } from '../../platform/database.ts';
import type { Round } from '../../platform/rounds.ts';
import { sql } from '../../platform/sql.ts';
import type { Clock } from '../../platform/time/clock.ts';
import { evaluateDue, refreshNextDue } from './evaluate-due.ts';

/** A workspace with customers that are due. */
interface DueWorkspace {
  id: string;
  isImporting: boolean;
}

/** Evaluates due customers, one batch of each workspace at a time. Several servers may do so. */
export function createDueRound(database: Database, now: Clock): Round<DueWorkspace> {
  /** The due time of the last evaluated customer, by workspaces with more due customers. */
  const reached = new Map<string, Date>();

  async function evaluateBatch({ id, isImporting }: DueWorkspace): Promise<boolean> {
    const from = reached.get(id);
    const { count, upTo } = await evaluateDue(database, id, {
      now: now(),
      isImporting,
      from,
    });
    if (upTo) reached.set(id, upTo);
    else reached.delete(id);
    // A customer may have become due before that time meanwhile, so the last pass starts from the beginning.
    if (count > 0 || from) return true;
    await refreshNextDue(database, id);
    return false;
  }

  return {
    find: () => findDueWorkspaces(database, now()),
    run: evaluateBatch,
    failure: 'Scheduled evaluation failed; retrying',
  };
}

const findDueWorkspaces = (database: Database, now: Date): Promise<DueWorkspace[]> =>
  database.withoutWorkspace(undefined, async (db) => {
    const { rows } = await db.query<DueWorkspace>(sql`
      select id, coalesce(importing_until > ${now}, false) as "isImporting"
      from workspace_directory where due_at <= ${now}`);
    return rows;
  });
