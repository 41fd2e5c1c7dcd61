import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '../database.ts';
import { sql } from '../sql.ts';
import type { StepResult } from './job.ts';

export interface NewJob {
  kind: string;
  /** Distinguishes jobs of one kind. */
  key?: string;
  data?: object;
  total?: number;
  now: Date;
}

/** Starts a job for the runner. Undefined if one of the same kind and key is running. */
export async function startJob(
  db: Transaction,
  { kind, key = '', data = {}, total = 0, now }: NewJob,
): Promise<string | undefined> {
  const id = uuidv7();
  const { rowCount } = await db.query(sql`
    insert into job (workspace_id, id, kind, key, state, data, total, run_at, started_at)
    values (${db.workspaceId}, ${id}, ${kind}, ${key}, 'RUNNING', ${JSON.stringify(data)}, ${total},
      ${now}, ${now})
    on conflict (workspace_id, kind, key) where state = 'RUNNING' do nothing`);
  if (rowCount === 0) return undefined;
  await announceJob(db, now);
  return id;
}

/** Waits for a concurrent `scheduleNextVisit`, which does not see the new job and would overwrite its time. */
const announceJob = (db: Transaction, at: Date) =>
  db.query(sql`
    update workspace_directory set jobs_at = least(jobs_at, ${at}) where id = ${db.workspaceId}`);

/** Cancels the running jobs of a kind and key. A running step is rolled back at its end. */
export async function cancelJobs(
  db: Transaction,
  { kind, key, now }: { kind: string; key: string; now: Date },
): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(sql`
    update job set state = 'CANCELLED', finished_at = ${now}
    where workspace_id = ${db.workspaceId} and kind = ${kind} and key = ${key} and state = 'RUNNING'
      returning id`);
  return rows.map(({ id }) => id);
}

/** The job was cancelled or deleted while one of its steps was running. */
export class JobCancelled extends Error {}

/** Stores the result of a step. @throws JobCancelled */
export async function storeStep(
  db: Transaction,
  { id, result, now }: { id: string; result: StepResult; now: Date },
): Promise<void> {
  const { state, data, done = 0 } = result;
  const [running, ended] = result.state === 'RUNNING' ? [result, undefined] : [undefined, result];
  const { rowCount } = await db.query(sql`
    update job
      set state = ${state}, attempts = 0, data = coalesce(${data ? JSON.stringify(data) : null}, data),
        done = done + ${done},
      total = case ${state} when 'DONE' then done + ${done} else greatest(coalesce(${running?.total ?? null},
        total), done + ${done}) end,
      run_at = coalesce(${running?.runAt ?? null}, run_at), outcome = ${ended?.outcome ?? null},
        message = ${ended?.message ?? null}, finished_at = ${ended ? now : null}
    where workspace_id = ${db.workspaceId} and id = ${id} and state = 'RUNNING'`);
  if (rowCount === 0) throw new JobCancelled();
}
