import type { Sql } from '../../platform/database.ts';
import type { StoredCustomer } from '../evaluation/evaluate-customers.ts';
import { evaluateBuild } from '../evaluation/propose.ts';
import { catchUp, type StepTime } from './catch-up.ts';
import type { RunningBuild } from './running-build.ts';

/** Few enough that ingestion does not have to wait long. */
const together = 1_000;

/** Takes the next customers into a build; answers whether there were any. */
export async function takeChunk(
  sql: Sql,
  workspaceId: string,
  build: RunningBuild,
  step: StepTime,
): Promise<boolean> {
  const { rows } = await sql.query<StoredCustomer>(selectNext, [
    workspaceId,
    build.reached,
    together,
  ]);
  const last = rows.at(-1);
  if (!last) return false;
  await catchUp(sql, workspaceId, rows, step);
  // What an event has noted before the build came here does not count: it did not know where the customer was.
  await sql.query(
    `delete from build_place
     where workspace_id = $1 and build_id = $2 and customer_id = any($3::uuid[])`,
    [workspaceId, build.id, rows.map(({ id }) => id)],
  );
  await evaluateBuild(sql, workspaceId, build.id, rows, step.now);
  await sql.query(
    `update build set reached = $3, done = done + $4, total = greatest(total, done + $4)
     where workspace_id = $1 and id = $2`,
    [workspaceId, build.id, last.id, rows.length],
  );
  return true;
}

const selectNext = `
  select id, evaluated_at as "evaluatedAt", due_at as "dueAt", due_cause as "dueCause" from customer
  where workspace_id = $1 and ($2::uuid is null or id > $2) and merged_into is null
  order by id limit $3 for no key update`;
