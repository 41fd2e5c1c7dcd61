import type { Transaction } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import { announceDue } from './due.ts';

/**
 * Marks the customers in `moved` (`customer_id`, `at`) as evaluated up to then. They are due immediately if other rules
 * depend on the changed placements.
 */
export async function markEvaluated(
  db: Transaction,
  moved: Sql,
  { now, isDependedOn }: { now: Date; isDependedOn: boolean },
): Promise<void> {
  const dueAt = isDependedOn
    ? sql`moved.at`
    : sql`case when c.due_at < moved.at then moved.at else c.due_at end`;
  const dueCause = isDependedOn ? 'DEFINITION' : null;
  const { rowCount } = await db.query(sql`
    update customer c set evaluated_at = moved.at, due_at = ${dueAt}, due_cause = ${dueCause}::text
    from (${moved}) as moved
    where c.workspace_id = ${db.workspaceId}::uuid and c.id = moved.customer_id`);
  if (isDependedOn && rowCount) announceDue(db, [{ due: now.getTime() }]);
}
