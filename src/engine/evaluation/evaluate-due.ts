import type { Database, Sql } from '../../platform/database.ts';
import { lockDueExclusive, lockRulesShared } from '../../platform/workspace-lock.ts';
import { evaluateCustomers, type StoredCustomer } from './evaluate-customers.ts';
import { recordChanges } from './record-changes.ts';
import { loadRules } from './rules.ts';

/** How many customers one transaction takes: few enough that ingestion does not have to wait long. */
const together = 150;

/**
 * While a workspace takes in its past, what fell due longer ago than this waits: more of the customer's
 * story may still come. What falls due at present does not wait.
 */
export const pastMs = 3_600_000;

/** A round of evaluations. */
export interface DueRound {
  /** How many customers it took. */
  taken: number;
  /** When the last of them had fallen due. */
  upTo: Date | undefined;
}

/**
 * Evaluates customers that have fallen due, each at the instants at which it did, those due longest
 * first. Several servers share the work: whoever is locked is somebody else's. Whoever goes on from where
 * the round before has got to (`from`) is spared the rows that it left behind in the index.
 */
export const evaluateDue = (
  database: Database,
  workspaceId: string,
  { now, isImporting, from }: { now: Date; isImporting: boolean; from?: Date | undefined },
): Promise<DueRound> =>
  database.inWorkspace(workspaceId, async (sql) => {
    lockRulesShared(sql, workspaceId);
    const since = isImporting ? new Date(now.getTime() - pastMs) : null;
    const [{ rows }, rules] = await Promise.all([
      sql.query<StoredCustomer>(selectDue, [workspaceId, now, since, together, from ?? null]),
      loadRules(sql, workspaceId),
    ]);
    const changes = await evaluateCustomers(sql, workspaceId, rows, { horizon: now, rules });
    recordChanges(sql, workspaceId, rules, changes, now);
    return { taken: rows.length, upTo: rows.at(-1)?.dueAt ?? undefined };
  });

const selectDue = `
  select id, evaluated_at as "evaluatedAt", due_at as "dueAt", due_cause as "dueCause"
  from customer
  where workspace_id = $1 and due_at <= $2 and due_at >= coalesce($5::timestamptz, '-infinity')
    and ($3::timestamptz is null or due_at > $3)
  order by due_at limit $4
  for no key update skip locked`;

/** Notes in the directory when the workspace's next customer falls due. */
export const renewDue = (database: Database, workspaceId: string): Promise<void> =>
  database.inWorkspace(workspaceId, async (sql: Sql) => {
    // An instant that is later than the one noted is noted nowhere: whoever stores one is waited for, and seen.
    lockDueExclusive(sql, workspaceId);
    await sql.query(
      `update workspace_directory set due_at =
         (select min(due_at) from customer where workspace_id = $1 and due_at is not null)
       where id = $1`,
      [workspaceId],
    );
  });
