import type { FinishedBuild } from '../../engine/builds/build-subject.ts';
import { evaluateBuild } from '../../engine/evaluation/evaluate-build.ts';
import type { StoredCustomer } from '../../engine/evaluation/evaluate-customers.ts';
import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';

/**
 * Evaluates by a lifecycle's build, once more, the customers that were moved by hand since it was started:
 * where the new rules put a customer may depend on the stage it is in.
 */
export async function reevaluateMovedByHand(
  db: Transaction,
  { buildId, subjectId, now }: Pick<FinishedBuild, 'buildId' | 'subjectId' | 'now'>,
): Promise<void> {
  const { rows } = await db.query<StoredCustomer>(sql`
    select c.id, c.evaluated_at as "evaluatedAt", c.due_at as "dueAt",
      c.due_cause as "dueCause"
    from job b
    join customer_stage placement on placement.workspace_id = ${db.workspaceId}
      and placement.lifecycle_id = ${subjectId}::uuid
      and placement.since >= b.started_at
    join customer c on c.workspace_id = ${db.workspaceId} and c.id = placement.customer_id
    where b.workspace_id = ${db.workspaceId} and b.id = ${buildId} and exists (
      select from change m where m.workspace_id = ${db.workspaceId}
        and m.customer_id = placement.customer_id
        and m.at = placement.since and m.kind = 'STAGE_CHANGED'
        and m.data ->> 'lifecycle' = ${subjectId}::text and m.data ->> 'cause' = 'MANUAL')
    order by c.id for no key update of c`);
  if (rows.length > 0) await evaluateBuild(db, buildId, rows, now);
}
