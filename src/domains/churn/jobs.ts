import { v7 as uuidv7 } from 'uuid';
import type { Sql } from '../../platform/database.ts';
import { InUse } from '../../platform/errors.ts';
import type { ChurnMode } from './risk/risk-model.ts';

/** Whether a model comes into force once it is fitted. */
export const activations = ['IF_NOT_WORSE', 'ALWAYS', 'NEVER'] as const;
export type Activation = (typeof activations)[number];

/** Why a job ended as it did. */
export type JobOutcome =
  | 'ACTIVATED'
  /** Fitted, but not wanted in force. */
  | 'KEPT'
  /** Fitted, and worse than the model in force. */
  | 'WORSE'
  | 'INSUFFICIENT_DATA'
  /** It failed for another reason than the data. */
  | 'ERROR';

/** A model being fitted (`FITTING`), or customers being assessed by one (`APPLYING`). */
export interface RunningJob {
  id: string;
  mode: ChurnMode;
  phase: 'FITTING' | 'APPLYING';
  activation: Activation;
  modelId: string | null;
  /** The customer up to whom it has come, in the order of their ids. */
  reached: string | null;
}

/** Sets a job on its way; the scheduler takes it from there. @throws InUse while another one is under way */
export async function startJob(
  sql: Sql,
  workspaceId: string,
  job: Omit<RunningJob, 'id' | 'reached'> & { now: Date },
): Promise<string> {
  await sql.query("select pg_advisory_xact_lock(hashtextextended('churn_job' || $1, 0))", [
    workspaceId,
  ]);
  if (await hasRunningJob(sql, workspaceId)) throw new InUse('The churn model', ['a running job']);
  const id = uuidv7();
  await sql.query(
    `insert into churn_job (workspace_id, id, mode, state, phase, activation, model_id, started_at)
     values ($1, $2, $3, 'RUNNING', $4, $5, $6, $7)`,
    [workspaceId, id, job.mode, job.phase, job.activation, job.modelId, job.now],
  );
  await sql.query('update workspace_directory set building = true where id = $1', [workspaceId]);
  return id;
}

/** Whether a job is under way. */
export async function hasRunningJob(sql: Sql, workspaceId: string): Promise<boolean> {
  const { rows } = await sql.query(
    "select from churn_job where workspace_id = $1 and state = 'RUNNING' limit 1",
    [workspaceId],
  );
  return rows.length > 0;
}

/** The job under way, unless another server is at it. */
export async function takeRunningJob(
  sql: Sql,
  workspaceId: string,
): Promise<RunningJob | undefined> {
  const { rows } = await sql.query<RunningJob>(
    `select id, mode, phase, activation, model_id as "modelId", reached from churn_job
     where workspace_id = $1 and state = 'RUNNING' order by id limit 1 for update skip locked`,
    [workspaceId],
  );
  return rows[0];
}

export async function endJob(
  sql: Sql,
  workspaceId: string,
  { id }: Pick<RunningJob, 'id'>,
  end: { state: 'DONE' | 'FAILED'; outcome: JobOutcome; message?: string | undefined; now: Date },
): Promise<void> {
  await sql.query(
    `update churn_job set state = $3, outcome = $4, message = $5, finished_at = $6
     where workspace_id = $1 and id = $2`,
    [workspaceId, id, end.state, end.outcome, end.message ?? null, end.now],
  );
}
