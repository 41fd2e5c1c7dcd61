import { v7 as uuidv7 } from 'uuid';
import type { Sql } from '../database.ts';
import type { StepResult } from './job.ts';

export interface NewJob {
  kind: string;
  /** What the job is about, if there may be several of its kind. */
  key?: string;
  data?: object;
  total?: number;
  now: Date;
}

/** Starts a job; the runner takes it from there. Undefined when one of the same kind and key is running. */
export async function startJob(
  sql: Sql,
  workspaceId: string,
  { kind, key = '', data = {}, total = 0, now }: NewJob,
): Promise<string | undefined> {
  const id = uuidv7();
  const { rowCount } = await sql.query(
    `insert into job (workspace_id, id, kind, key, state, data, total, run_at, started_at)
     values ($1, $2, $3, $4, 'RUNNING', $5, $6, $7, $7)
     on conflict (workspace_id, kind, key) where state = 'RUNNING' do nothing`,
    [workspaceId, id, kind, key, JSON.stringify(data), total, now],
  );
  if (rowCount === 0) return undefined;
  await announceJob(sql, workspaceId, now);
  return id;
}

/** Waits for whoever stores the next due time at this moment (`scheduleNextVisit`), who may not see the new job. */
const announceJob = (sql: Sql, workspaceId: string, at: Date) =>
  sql.query('update workspace_directory set jobs_at = least(jobs_at, $2) where id = $1', [
    workspaceId,
    at,
  ]);

/** Cancels the running jobs of a kind and key. A step under way is rolled back at its end. */
export async function cancelJobs(
  sql: Sql,
  workspaceId: string,
  { kind, key, now }: { kind: string; key: string; now: Date },
): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    `update job set state = 'CANCELLED', finished_at = $4
     where workspace_id = $1 and kind = $2 and key = $3 and state = 'RUNNING' returning id`,
    [workspaceId, kind, key, now],
  );
  return rows.map(({ id }) => id);
}

/** The job was cancelled, or is gone, while one of its steps was under way. */
export class JobCancelled extends Error {}

/** Stores what a step leaves behind. @throws JobCancelled */
export async function storeStep(
  sql: Sql,
  workspaceId: string,
  { id, result, now }: { id: string; result: StepResult; now: Date },
): Promise<void> {
  const { state, data, done = 0 } = result;
  const [running, ended] = result.state === 'RUNNING' ? [result, undefined] : [undefined, result];
  const { rowCount } = await sql.query(updateStep, [
    workspaceId,
    id,
    state,
    data ? JSON.stringify(data) : null,
    done,
    running?.total ?? null,
    running?.runAt ?? null,
    ended?.outcome ?? null,
    ended?.message ?? null,
    ended ? now : null,
  ]);
  if (rowCount === 0) throw new JobCancelled();
}

// Items may come and go while a job runs: one that is done has processed all there are.
const updateStep = `
  update job set state = $3, attempts = 0, data = coalesce($4, data), done = done + $5,
    total = case $3 when 'DONE' then done + $5 else greatest(coalesce($6, total), done + $5) end,
    run_at = coalesce($7, run_at), outcome = $8, message = $9, finished_at = $10
  where workspace_id = $1 and id = $2 and state = 'RUNNING'`;
