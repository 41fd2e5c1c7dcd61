import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import type { StoredCustomer } from '../evaluation/evaluate-customers.ts';
import { evaluateBuild } from '../evaluation/propose.ts';
import { catchUp, type StepTime } from './catch-up.ts';

/** Few enough that ingestion does not have to wait long. */
const batchSize = 1_000;

interface NextCustomers {
  buildId: string;
  after: string | null;
  step: StepTime;
}

interface Evaluated {
  /** The last of the customers evaluated so far. */
  reached: string | null;
  /** How many were evaluated now. */
  count: number;
  hasMore: boolean;
}

/** Evaluates the next customers by the definition of a build. */
export async function evaluateNextCustomers(
  db: Transaction,
  { buildId, after, step }: NextCustomers,
): Promise<Evaluated> {
  const { rows } = await db.query<StoredCustomer>(sql`
    select id, evaluated_at as "evaluatedAt", due_at as "dueAt", due_cause as "dueCause" from customer
    where workspace_id = ${db.workspaceId} and (${after}::uuid is null or id > ${after})
      and merged_into is null
    order by id limit ${batchSize} for no key update`);
  const last = rows.at(-1);
  if (!last) return { reached: after, count: 0, hasMore: false };
  await catchUp(db, rows, step);
  // What an event has stored before the build came here does not count: it did not know where the customer was.
  await db.query(sql`
    delete from build_place
    where workspace_id = ${db.workspaceId} and build_id = ${buildId}
      and customer_id = any(${rows.map(({ id }) => id)}::uuid[])`);
  await evaluateBuild(db, buildId, rows, step.now);
  return { reached: last.id, count: rows.length, hasMore: rows.length === batchSize };
}
