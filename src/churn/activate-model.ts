import { holdRules, lockRules, renewRules } from '../access/workspace-lock.ts';
import { isImporting } from '../builds/catch-up.ts';
import { evaluateCustomers, type StoredCustomer } from '../evaluation/evaluate-customers.ts';
import { recordChanges } from '../evaluation/record-changes.ts';
import { loadRules } from '../evaluation/rules.ts';
import type { Sql } from '../platform/database.ts';
import { endJob, type RunningJob } from './jobs.ts';
import { loadChurnSettings } from './settings.ts';

/**
 * Puts a model into force: whoever is evaluated from now on meets it first at this instant. The job goes on
 * to lead everybody else there.
 */
export async function activateModel(
  sql: Sql,
  workspaceId: string,
  { job, modelId, now }: { job: Pick<RunningJob, 'id'>; modelId: string; now: Date },
): Promise<void> {
  lockRules(sql, workspaceId);
  await sql.query(
    `insert into churn_setting (workspace_id, active_model, activated_at) values ($1, $2, $3)
     on conflict (workspace_id) do update
       set active_model = excluded.active_model, activated_at = excluded.activated_at`,
    [workspaceId, modelId, now],
  );
  renewRules(sql, workspaceId);
  await sql.query(
    `update churn_job set phase = 'APPLYING', model_id = $3, done = 0, total =
       (select count(*) from customer where workspace_id = $1 and merged_into is null)
     where workspace_id = $1 and id = $2`,
    [workspaceId, job.id, modelId],
  );
}

/** Puts a model of renewals into force: it is asked whenever somebody wants to know, so the job is over. */
export async function useSubscriptionModel(
  sql: Sql,
  workspaceId: string,
  { job, modelId, now }: { job: Pick<RunningJob, 'id'>; modelId: string; now: Date },
): Promise<void> {
  await sql.query(
    `insert into churn_setting (workspace_id, subscription_model) values ($1, $2)
     on conflict (workspace_id) do update set subscription_model = excluded.subscription_model`,
    [workspaceId, modelId],
  );
  await endJob(sql, workspaceId, job, { state: 'DONE', outcome: 'ACTIVATED', now });
}

/** Few enough that ingestion does not have to wait long. */
const together = 500;

/**
 * Has the next customers assessed by the model that came into force; answers whether there is more to do at
 * once. While the workspace takes in its past it waits: more of the customers' stories may still come.
 */
export async function applyModel(
  sql: Sql,
  workspaceId: string,
  job: RunningJob,
  now: Date,
): Promise<boolean> {
  if (await isImporting(sql, workspaceId, now)) return false;
  holdRules(sql, workspaceId);
  const { rows } = await sql.query<StoredCustomer>(selectNext, [
    workspaceId,
    job.reached,
    together,
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

const selectNext = `
  select id, evaluated_at as "evaluatedAt", due_at as "dueAt", due_cause as "dueCause" from customer
  where workspace_id = $1 and ($2::uuid is null or id > $2) and merged_into is null
  order by id limit $3 for no key update`;
