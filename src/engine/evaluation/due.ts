import { arrayText } from '../../platform/array-text.ts';
import type { Sql } from '../../platform/database.ts';
import { lockDueShared } from '../../platform/workspace-lock.ts';
import { rowOfCustomer } from '../customers/row-of-customer.ts';
import type { EvaluationOutcome } from './outcome.ts';

/** Stores when the rules of customers have to be evaluated again, and up to when they have been. */
export function storeDue(
  sql: Sql,
  workspaceId: string,
  outcomes: ReadonlyArray<Pick<EvaluationOutcome, 'customerId' | 'due' | 'reached'>>,
) {
  if (outcomes.length === 0) return;
  sql.send(
    `update customer c set due_at = row.due_at, due_cause = null, evaluated_at = greatest(c.evaluated_at, row.reached)
     from unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[]) as row (id, due_at, reached)
     cross join lateral ${rowOfCustomer('row.id')} as found
     where c.workspace_id = $1 and c.ctid = found.ctid
       and (c.due_at is distinct from row.due_at or c.evaluated_at < row.reached)`,
    [
      workspaceId,
      arrayText(outcomes.map(({ customerId }) => customerId)),
      arrayText(outcomes.map(({ due }) => toInstant(due))),
      arrayText(outcomes.map(({ reached }) => (reached === undefined ? null : new Date(reached)))),
    ],
  );
  announceDue(sql, workspaceId, outcomes);
}

/** Null for never. */
export const toInstant = (due: number): Date | null =>
  Number.isFinite(due) ? new Date(due) : null;

/** Makes the scheduler evaluate this workspace at the earliest of these instants. */
export function announceDue(
  sql: Sql,
  workspaceId: string,
  outcomes: ReadonlyArray<Pick<EvaluationOutcome, 'due'>>,
) {
  const earliest = outcomes.reduce((least, { due }) => Math.min(least, due), Infinity);
  const at = toInstant(earliest);
  if (!at) return;
  lockDueShared(sql, workspaceId);
  sql.send(
    `update workspace_directory set due_at = $2
     where id = $1 and (due_at is null or due_at > $2)`,
    [workspaceId, at],
  );
}
