import type { Database, Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import { lockDueExclusive, lockRulesShared } from '../../platform/workspace-lock.ts';
import { evaluateCustomers, type StoredCustomer } from './evaluate-customers.ts';
import { recordChanges } from './record-changes.ts';
import { loadRules } from './rules.ts';

/** Customers per transaction. Small, because ingestion waits while a batch is evaluated. */
const batchSize = 150;

/**
 * While a workspace imports its history, due times older than this are not evaluated, because earlier events of the
 * customer may still arrive. Decision 0011.
 */
export const historyAgeMs = 3_600_000;

/** The result of one batch of evaluations. */
export interface DueRound {
  /** The number of evaluated customers. */
  count: number;
  /** The due time of the first of them. */
  earliest: Date | undefined;
  /** The due time of the last of them. */
  upTo: Date | undefined;
}

/**
 * Evaluates due customers at the instants at which they were due, the longest overdue first. Several servers share the
 * work: each skips customers that another one has locked. Starting at the due time where the last batch stopped
 * (`from`) avoids reading the dead rows that it left in the index.
 */
export const evaluateDue = (
  database: Database,
  workspaceId: string,
  { now, isImporting, from }: { now: Date; isImporting: boolean; from?: Date | undefined },
): Promise<DueRound> =>
  database.inWorkspace(workspaceId, async (db) => {
    lockRulesShared(db);
    const since = isImporting ? new Date(now.getTime() - historyAgeMs) : null;
    const [{ rows }, rules] = await Promise.all([
      db.query<StoredCustomer>(sql`
        select id, evaluated_at as "evaluatedAt", due_at as "dueAt", due_cause as "dueCause"
        from customer
        where workspace_id = ${workspaceId} and due_at <= ${now}
          and due_at >= coalesce(${from ?? null}::timestamptz, '-infinity')
          and (${since}::timestamptz is null or due_at > ${since})
        order by due_at limit ${batchSize}
        for no key update skip locked`),
      loadRules(db),
    ]);
    const changes = await evaluateCustomers(db, rows, { horizon: now, rules });
    recordChanges(db, rules, changes, now);
    const [first, last] = [rows[0], rows.at(-1)];
    return {
      count: rows.length,
      earliest: first?.dueAt ?? undefined,
      upTo: last?.dueAt ?? undefined,
    };
  });

/** Updates the next due time of a workspace. */
export const refreshNextDue = (database: Database, workspaceId: string): Promise<void> =>
  database.inWorkspace(workspaceId, async (db: Transaction) => {
    // Waits for concurrent writers, so that a later due_at written meanwhile is not overwritten.
    lockDueExclusive(db);
    await db.query(sql`
      update workspace_directory set due_at =
        (select min(due_at) from customer where workspace_id = ${workspaceId} and due_at is not null)
      where id = ${workspaceId}`);
  });
