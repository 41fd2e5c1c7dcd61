import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import { evaluateCustomers, type StoredCustomer } from '../evaluation/evaluate-customers.ts';
import { historyAgeMs } from '../evaluation/evaluate-due.ts';
import { recordChanges } from '../evaluation/record-changes.ts';
import { loadRules } from '../evaluation/rules.ts';

/** The time of a step, and whether the workspace is importing its history then. */
export interface StepTime {
  now: Date;
  isImporting: boolean;
}

/** The time until which the workspace counts as importing its history; undefined if it does not. */
export async function importingUntil(db: Transaction, now: Date): Promise<Date | undefined> {
  const { rows } = await db.query<{ until: Date }>(sql`
    select importing_until as until from workspace_directory
    where id = ${db.workspaceId} and importing_until > ${now}`);
  return rows[0]?.until;
}

/** Evaluates the customers that are due, so that the definition is then evaluated as of now. */
export async function evaluateOverdue(
  db: Transaction,
  customers: readonly StoredCustomer[],
  step: StepTime,
): Promise<void> {
  const { now } = step;
  const due = customers.filter(({ dueAt }) => dueAt && dueAt <= now && !mayWait(dueAt, step));
  if (due.length === 0) return;
  const rules = await loadRules(db);
  const changes = await evaluateCustomers(db, due, { horizon: now, rules });
  recordChanges(db, rules, changes, now);
}

// As in `evaluateDue`: more of the customer's history may arrive.
const mayWait = (dueAt: Date, { now, isImporting }: StepTime) =>
  isImporting && dueAt.getTime() <= now.getTime() - historyAgeMs;

const batchSize = 1_000;

/**
 * Evaluates due customers before a definition is activated, so that earlier changes are logged first. Returns
 * whether there may be more of them.
 */
export async function evaluateDueNow(db: Transaction, step: StepTime): Promise<boolean> {
  const { now } = step;
  const since = step.isImporting ? new Date(now.getTime() - historyAgeMs) : null;
  const { rows } = await db.query<StoredCustomer>(sql`
    select id, evaluated_at as "evaluatedAt", due_at as "dueAt", due_cause as "dueCause" from customer
    where workspace_id = ${db.workspaceId} and due_at <= ${now}
      and (${since}::timestamptz is null or due_at > ${since})
    order by due_at limit ${batchSize} for no key update`);
  await evaluateOverdue(db, rows, step);
  return rows.length === batchSize;
}
