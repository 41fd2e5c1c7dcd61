import { Prisma } from '../../../prisma/generated/client.ts';
import type { Sql } from '../../platform/database.ts';
import { announceDue } from './due.ts';

/**
 * Marks the customers that `moved` (`customer_id`, `at`) as evaluated up to then. They are due at once where
 * other rules depend on what has changed.
 */
export async function touchMoved(
  sql: Sql,
  workspaceId: string,
  moved: Prisma.Sql,
  { now, isDependedOn }: { now: Date; isDependedOn: boolean },
): Promise<void> {
  const dueAt = isDependedOn
    ? Prisma.sql`moved.at`
    : Prisma.sql`case when c.due_at < moved.at then moved.at else c.due_at end`;
  const dueCause = isDependedOn ? 'DEFINITION' : null;
  const { text, values } = Prisma.sql`
    update customer c set evaluated_at = moved.at, due_at = ${dueAt}, due_cause = ${dueCause}::text
    from (${moved}) as moved
    where c.workspace_id = ${workspaceId}::uuid and c.id = moved.customer_id`;
  const { rowCount } = await sql.query(text, values);
  if (isDependedOn && rowCount) announceDue(sql, workspaceId, [{ due: now.getTime() }]);
}
