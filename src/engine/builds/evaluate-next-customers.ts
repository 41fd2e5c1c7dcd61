import type { Sql } from '../../platform/database.ts';
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
  sql: Sql,
  workspaceId: string,
  { buildId, after, step }: NextCustomers,
): Promise<Evaluated> {
  const { rows } = await sql.query<StoredCustomer>(selectNext, [workspaceId, after, batchSize]);
  const last = rows.at(-1);
  if (!last) return { reached: after, count: 0, hasMore: false };
  await catchUp(sql, workspaceId, rows, step);
  // What an event has stored before the build came here does not count: it did not know where the customer was.
  await sql.query(
    `delete from build_place
     where workspace_id = $1 and build_id = $2 and customer_id = any($3::uuid[])`,
    [workspaceId, buildId, rows.map(({ id }) => id)],
  );
  await evaluateBuild(sql, workspaceId, buildId, rows, step.now);
  return { reached: last.id, count: rows.length, hasMore: rows.length === batchSize };
}

const selectNext = `
  select id, evaluated_at as "evaluatedAt", due_at as "dueAt", due_cause as "dueCause" from customer
  where workspace_id = $1 and ($2::uuid is null or id > $2) and merged_into is null
  order by id limit $3 for no key update`;
