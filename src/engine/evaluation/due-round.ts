import type { Database } from '../../platform/database.ts';
import type { Round } from '../../platform/rounds.ts';
import { sql } from '../../platform/sql.ts';
import type { Clock } from '../../platform/time/clock.ts';
import { secondsSince } from '../../platform/time/seconds-since.ts';
import { evaluateDue, refreshNextDue } from './evaluate-due.ts';
import type { EvaluationWork } from './evaluation-work.ts';

/** A workspace with customers that are due. */
interface DueWorkspace {
  id: string;
  isImporting: boolean;
}

/** Is told of every batch of due customers; `lateSeconds` have passed since the first of them was due. */
export type ObserveDue = (batch: { evaluation: EvaluationWork; lateSeconds: number }) => void;

/** Evaluates due customers, one batch of each workspace at a time. Several servers may do so. */
export function createDueRound(
  database: Database,
  now: Clock,
  observe: ObserveDue,
): Round<DueWorkspace> {
  /** The due time of the last evaluated customer, by workspaces with more due customers. */
  const reached = new Map<string, Date>();

  async function evaluateBatch({ id, isImporting }: DueWorkspace): Promise<boolean> {
    const from = reached.get(id);
    const startedAt = performance.now();
    const at = now();
    const { count, earliest, upTo } = await evaluateDue(database, id, {
      now: at,
      isImporting,
      from,
    });
    if (earliest) {
      observe({
        evaluation: { customers: count, seconds: secondsSince(startedAt) },
        lateSeconds: (at.getTime() - earliest.getTime()) / 1_000,
      });
    }
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
