import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import { evaluateBuild } from '../evaluation/evaluate-build.ts';
import type { StoredCustomer } from '../evaluation/evaluate-customers.ts';
import { evaluateOverdue, type StepTime } from './catch-up.ts';

/** Small, because ingestion waits while a batch is evaluated. */
const batchSize = 1_000;

interface NextCustomers {
  buildId: string;
  after: string | null;
  step: StepTime;
}

interface BatchProgress {
  /** The id of the last customer evaluated. */
  reached: string | null;
  /** The number of customers in this batch. */
  count: number;
  hasMore: boolean;
}

/** Evaluates the next customers by the definition of a build. */
export async function evaluateNextCustomers(
  db: Transaction,
  { buildId, after, step }: NextCustomers,
): Promise<BatchProgress> {
  const { rows } = await db.query<StoredCustomer>(sql`
    select id, evaluated_at as "evaluatedAt", due_at as "dueAt", due_cause as "dueCause" from customer
    where workspace_id = ${db.workspaceId} and (${after}::uuid is null or id > ${after})
      and merged_into is null
    order by id limit ${batchSize} for no key update`);
  const last = rows.at(-1);
  if (!last) return { reached: after, count: 0, hasMore: false };
  await evaluateOverdue(db, rows, step);
  // Placements stored by an event before the build reached the customer are discarded: they ignored its active stage.
  await db.query(sql`
    delete from build_place
    where workspace_id = ${db.workspaceId} and build_id = ${buildId}
      and customer_id = any(${rows.map(({ id }) => id)}::uuid[])`);
  await evaluateBuild(db, buildId, rows, step.now);
  return { reached: last.id, count: rows.length, hasMore: rows.length === batchSize };
}
