import type { Transaction } from '../../platform/database.ts';
import { type RowColumns, sql, unnestRows } from '../../platform/sql.ts';
import { lockDueShared } from '../../platform/workspace-lock.ts';
import { rowOfCustomer } from '../customers/row-of-customer.ts';
import type { EvaluationOutcome } from './outcome.ts';

/** Stores when customers must be evaluated again, and up to when they were evaluated. */
export function storeDue(
  db: Transaction,
  outcomes: ReadonlyArray<Pick<EvaluationOutcome, 'customerId' | 'due' | 'reached'>>,
) {
  if (outcomes.length === 0) return;
  db.send(sql`
    update customer c set due_at = row.due_at, due_cause = null,
      evaluated_at = greatest(c.evaluated_at, row.reached)
    from ${unnestRows('row', outcomes, dueColumns)}
    cross join lateral ${rowOfCustomer(db, 'row.id')} as found
    where c.workspace_id = ${db.workspaceId} and c.ctid = found.ctid
      and (c.due_at is distinct from row.due_at or c.evaluated_at < row.reached)`);
  announceDue(db, outcomes);
}

const dueColumns: RowColumns<Pick<EvaluationOutcome, 'customerId' | 'due' | 'reached'>> = {
  id: ['uuid', ({ customerId }) => customerId],
  due_at: ['timestamptz', ({ due }) => toInstant(due)],
  reached: ['timestamptz', ({ reached }) => (reached === undefined ? null : new Date(reached))],
};

/** Null for never. */
export const toInstant = (due: number): Date | null =>
  Number.isFinite(due) ? new Date(due) : null;

/** Makes the scheduler evaluate this workspace at the earliest of these instants. */
export function announceDue(
  db: Transaction,
  outcomes: ReadonlyArray<Pick<EvaluationOutcome, 'due'>>,
) {
  const earliest = outcomes.reduce((least, { due }) => Math.min(least, due), Infinity);
  const at = toInstant(earliest);
  if (!at) return;
  lockDueShared(db);
  db.send(sql`
    update workspace_directory set due_at = ${at}
    where id = ${db.workspaceId} and (due_at is null or due_at > ${at})`);
}
