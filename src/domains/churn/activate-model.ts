import { isImporting } from '../../engine/builds/catch-up.ts';
import {
  evaluateCustomers,
  type StoredCustomer,
} from '../../engine/evaluation/evaluate-customers.ts';
import { recordChanges } from '../../engine/evaluation/record-changes.ts';
import { loadRules } from '../../engine/evaluation/rules.ts';
import type { Sql } from '../../platform/database.ts';
import { holdRules, lockRules, renewRules } from '../../platform/workspace-lock.ts';
import { endJob, type RunningJob } from './jobs.ts';
import type { ChurnMode } from './risk/risk-model.ts';
import { loadChurnSettings } from './settings.ts';

/** The model to activate, and the job that activates it. */
export interface ModelActivation {
  job: Pick<RunningJob, 'id' | 'mode'>;
  modelId: string;
  now: Date;
}

/**
 * Activates a model in its mode. If it is the mode that assesses risk, later evaluations use the model from this
 * instant on and the job continues with all other customers; otherwise the job ends.
 */
export async function activateModel(
  sql: Sql,
  workspaceId: string,
  { job, modelId, now }: ModelActivation,
): Promise<void> {
  lockRules(sql, workspaceId);
  await sql.query(
    `insert into churn_setting (workspace_id, ${activeModelColumns[job.mode]}) values ($1, $2)
     on conflict (workspace_id) do update
       set ${activeModelColumns[job.mode]} = excluded.${activeModelColumns[job.mode]}`,
    [workspaceId, modelId],
  );
  const { mode, assessedBy } = await loadChurnSettings(sql, workspaceId);
  if (job.mode !== mode && job.mode !== assessedBy) {
    await endJob(sql, workspaceId, job, { state: 'DONE', outcome: 'ACTIVATED', now });
    return;
  }
  await sql.query(
    'update churn_setting set assessed_by = $2, activated_at = $3 where workspace_id = $1',
    [workspaceId, job.mode, now],
  );
  renewRules(sql, workspaceId);
  await sql.query(
    `update churn_job set phase = 'APPLYING', model_id = $3, done = 0, total =
       (select count(*) from customer where workspace_id = $1 and merged_into is null)
     where workspace_id = $1 and id = $2`,
    [workspaceId, job.id, modelId],
  );
}

const activeModelColumns: Record<ChurnMode, string> = {
  ACTIVITY: 'active_model',
  SUBSCRIPTION: 'subscription_model',
};

/** Small enough that ingestion does not wait long for a batch. */
const batchSize = 500;

/**
 * Assesses the next batch of customers by the activated model; returns whether to continue at once. Waits while
 * the workspace imports its history, since more past events may arrive.
 */
export async function applyModel(
  sql: Sql,
  workspaceId: string,
  job: RunningJob,
  now: Date,
): Promise<boolean> {
  if (await isImporting(sql, workspaceId, now)) return false;
  holdRules(sql, workspaceId);
  const { rows } = await sql.query<StoredCustomer>(selectNextBatch, [
    workspaceId,
    job.reached,
    batchSize,
  ]);
  const last = rows.at(-1);
  if (!last) {
    await endJob(sql, workspaceId, job, { state: 'DONE', outcome: 'ACTIVATED', now });
    return true;
  }
  const rules = await loadRules(sql, workspaceId);
  const { activatedAt } = await loadChurnSettings(sql, workspaceId);
  const at = activatedAt ?? now;
  const occasion = { at, cause: 'MODEL_REFIT', eventId: null, late: false } as const;
  const changes = await evaluateCustomers(sql, workspaceId, rows, { occasion, rules });
  recordChanges(sql, workspaceId, rules, changes, now);
  await sql.query(
    `update churn_job set reached = $3, done = done + $4, total = greatest(total, done + $4)
     where workspace_id = $1 and id = $2`,
    [workspaceId, job.id, last.id, rows.length],
  );
  return true;
}

const selectNextBatch = `
  select id, evaluated_at as "evaluatedAt", due_at as "dueAt", due_cause as "dueCause" from customer
  where workspace_id = $1 and ($2::uuid is null or id > $2) and merged_into is null
  order by id limit $3 for no key update`;
