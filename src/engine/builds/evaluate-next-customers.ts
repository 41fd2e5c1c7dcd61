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

/**
 * Evaluates the next customers by the definition of a build. Returns how many there were and the last of them;
 * undefined when there are no more.
 */
export async function evaluateNextCustomers(
  sql: Sql,
  workspaceId: string,
  { buildId, after, step }: NextCustomers,
): Promise<{ id: string; count: number } | undefined> {
  const { rows } = await sql.query<StoredCustomer>(selectNext, [workspaceId, after, batchSize]);
  const last = rows.at(-1);
  if (!last) return undefined;
  await catchUp(sql, workspaceId, rows, step);
  // What an event has stored before the build came here does not count: it did not know where the customer was.
  await sql.query(
    `delete from build_place
     where workspace_id = $1 and build_id = $2 and customer_id = any($3::uuid[])`,
    [workspaceId, buildId, rows.map(({ id }) => id)],
  );
  await evaluateBuild(sql, workspaceId, buildId, rows, step.now);
  return { id: last.id, count: rows.length };
}

const selectNext = `
  select id, evaluated_at as "evaluatedAt", due_at as "dueAt", due_cause as "dueCause" from customer
  where workspace_id = $1 and ($2::uuid is null or id > $2) and merged_into is null
  order by id limit $3 for no key update`;
