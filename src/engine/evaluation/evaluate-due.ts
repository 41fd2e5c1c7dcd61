import type { Database, Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import { lockDueExclusive, lockRulesShared } from '../../platform/workspace-lock.ts';
import { evaluateCustomers, type StoredCustomer } from './evaluate-customers.ts';
import { recordChanges } from './record-changes.ts';
import { loadRules } from './rules.ts';

/** Customers per transaction: few enough that ingestion does not have to wait long. */
const batchSize = 150;

/**
 * While a workspace imports its past, what fell due longer ago than this waits: earlier events of the
 * customer may still come. What falls due at present does not wait.
 */
export const pastMs = 3_600_000;

/** A round of evaluations. */
export interface DueRound {
  /** How many customers it evaluated. */
  taken: number;
  /** When the last of them was due. */
  upTo: Date | undefined;
}

/**
 * Evaluates customers that are due, each at the instants at which it was, those due longest first. Several
 * servers share the work and skip the customers that another one has locked. Continuing where the last round
 * stopped (`from`) avoids reading the dead rows that it left in the index.
 */
export const evaluateDue = (
  database: Database,
  workspaceId: string,
  { now, isImporting, from }: { now: Date; isImporting: boolean; from?: Date | undefined },
): Promise<DueRound> =>
  database.inWorkspace(workspaceId, async (db) => {
    lockRulesShared(db);
    const since = isImporting ? new Date(now.getTime() - pastMs) : null;
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
    return { taken: rows.length, upTo: rows.at(-1)?.dueAt ?? undefined };
  });

/** Updates when the next customer of a workspace is due. */
export const refreshNextDue = (database: Database, workspaceId: string): Promise<void> =>
  database.inWorkspace(workspaceId, async (db: Transaction) => {
    // Waits for concurrent writers, so that a later due_at written meanwhile is not overwritten.
    lockDueExclusive(db);
    await db.query(sql`
      update workspace_directory set due_at =
        (select min(due_at) from customer where workspace_id = ${workspaceId} and due_at is not null)
      where id = ${workspaceId}`);
  });
