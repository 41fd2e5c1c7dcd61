import type { Database, Sql } from '../../platform/database.ts';
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
  database.inWorkspace(workspaceId, async (sql) => {
    lockRulesShared(sql, workspaceId);
    const since = isImporting ? new Date(now.getTime() - pastMs) : null;
    const [{ rows }, rules] = await Promise.all([
      sql.query<StoredCustomer>(selectDue, [workspaceId, now, since, batchSize, from ?? null]),
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

/** Updates when the next customer of a workspace is due. */
export const refreshNextDue = (database: Database, workspaceId: string): Promise<void> =>
  database.inWorkspace(workspaceId, async (sql: Sql) => {
    // Waits for concurrent writers, so that a later due_at written meanwhile is not overwritten.
    lockDueExclusive(sql, workspaceId);
    await sql.query(
      `update workspace_directory set due_at =
         (select min(due_at) from customer where workspace_id = $1 and due_at is not null)
       where id = $1`,
      [workspaceId],
    );
  });
