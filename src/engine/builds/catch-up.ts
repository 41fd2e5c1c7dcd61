import type { Sql } from '../../platform/database.ts';
import { evaluateCustomers, type StoredCustomer } from '../evaluation/evaluate-customers.ts';
import { pastMs } from '../evaluation/evaluate-due.ts';
import { recordChanges } from '../evaluation/record-changes.ts';
import { loadRules } from '../evaluation/rules.ts';

/** The present of a step, and whether the workspace is just taking in its past. */
export interface StepTime {
  now: Date;
  isImporting: boolean;
}

export async function isImporting(sql: Sql, workspaceId: string, now: Date): Promise<boolean> {
  const { rows } = await sql.query<{ importing: boolean }>(
    `select coalesce(importing_until > $2, false) as importing
     from workspace_directory where id = $1`,
    [workspaceId, now],
  );
  return rows[0]?.importing ?? false;
}

/** Evaluates those of the customers that have fallen due, so that a definition meets them as of now. */
export async function catchUp(
  sql: Sql,
  workspaceId: string,
  customers: readonly StoredCustomer[],
  step: StepTime,
): Promise<void> {
  const { now } = step;
  const due = customers.filter(({ dueAt }) => dueAt && dueAt <= now && !mayWait(dueAt, step));
  if (due.length === 0) return;
  const rules = await loadRules(sql, workspaceId);
  const changes = await evaluateCustomers(sql, workspaceId, due, { horizon: now, rules });
  recordChanges(sql, workspaceId, rules, changes, now);
}

// As in `evaluateDue`: more of the customer's story may still come.
const mayWait = (dueAt: Date, { now, isImporting }: StepTime) =>
  isImporting && dueAt.getTime() <= now.getTime() - pastMs;

const atOnce = 1_000;

/**
 * Evaluates whoever has fallen due in the workspace, before a definition comes into force: what happened
 * before is told before. Answers whether there may be more of them.
 */
export async function settleDue(sql: Sql, workspaceId: string, step: StepTime): Promise<boolean> {
  const { now } = step;
  const since = step.isImporting ? new Date(now.getTime() - pastMs) : null;
  const { rows } = await sql.query<StoredCustomer>(selectDue, [workspaceId, now, since, atOnce]);
  await catchUp(sql, workspaceId, rows, step);
  return rows.length === atOnce;
}

const selectDue = `
  select id, evaluated_at as "evaluatedAt", due_at as "dueAt", due_cause as "dueCause" from customer
  where workspace_id = $1 and due_at <= $2 and ($3::timestamptz is null or due_at > $3)
  order by due_at limit $4 for no key update`;
