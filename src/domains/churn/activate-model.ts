import { importingUntil } from '../../engine/builds/catch-up.ts';
import { countUnmergedCustomers } from '../../engine/customers/count-customers.ts';
import {
  evaluateCustomers,
  type StoredCustomer,
} from '../../engine/evaluation/evaluate-customers.ts';
import { recordChanges } from '../../engine/evaluation/record-changes.ts';
import { loadRules } from '../../engine/evaluation/rules.ts';
import type { Sql } from '../../platform/database.ts';
import {
  bumpRulesVersion,
  lockRulesExclusive,
  lockRulesShared,
} from '../../platform/workspace-lock.ts';
import type { ChurnJobData, ChurnStep } from './jobs.ts';
import type { ChurnMode } from './risk/risk-model.ts';
import { loadChurnSettings } from './settings.ts';

/** The model to activate, and what the job keeps that does it. */
export interface ModelActivation {
  data: ChurnJobData & { modelId: string };
  now: Date;
}

/**
 * Activates a model in its mode. If risk is assessed by it, customers evaluated from now on are assessed by it
 * as of this instant, and the job goes on to assess all others; else the job is done.
 */
export async function activateModel(
  sql: Sql,
  workspaceId: string,
  { data, now }: ModelActivation,
): Promise<ChurnStep> {
  lockRulesExclusive(sql, workspaceId);
  await sql.query(
    `insert into churn_setting (workspace_id, ${activeModelColumns[data.mode]}) values ($1, $2)
     on conflict (workspace_id) do update
       set ${activeModelColumns[data.mode]} = excluded.${activeModelColumns[data.mode]}`,
    [workspaceId, data.modelId],
  );
  const { mode, assessedBy } = await loadChurnSettings(sql, workspaceId);
  if (data.mode !== mode && data.mode !== assessedBy) {
    return { state: 'DONE', data, outcome: 'ACTIVATED' };
  }
  await sql.query(
    'update churn_setting set assessed_by = $2, activated_at = $3 where workspace_id = $1',
    [workspaceId, data.mode, now],
  );
  bumpRulesVersion(sql, workspaceId);
  const total = await countUnmergedCustomers(sql, workspaceId);
  return { state: 'RUNNING', data: { ...data, phase: 'APPLYING' }, total };
}

const activeModelColumns: Record<ChurnMode, string> = {
  ACTIVITY: 'active_model',
  SUBSCRIPTION: 'subscription_model',
};

/** Small enough that ingestion does not wait long for a batch. */
const batchSize = 500;

/**
 * Assesses the next customers by the model that was activated. Waits while the workspace imports its history:
 * more of the customers' events may still arrive.
 */
export async function applyModel(
  sql: Sql,
  workspaceId: string,
  data: ChurnJobData,
  now: Date,
): Promise<ChurnStep> {
  const runAt = await importingUntil(sql, workspaceId, now);
  if (runAt) return { state: 'RUNNING', runAt };
  lockRulesShared(sql, workspaceId);
  const { rows } = await sql.query<StoredCustomer>(selectNextBatch, [
    workspaceId,
    data.reached,
    batchSize,
  ]);
  const last = rows.at(-1);
  if (!last) return { state: 'DONE', outcome: 'ACTIVATED' };
  const rules = await loadRules(sql, workspaceId);
  const { activatedAt } = await loadChurnSettings(sql, workspaceId);
  const at = activatedAt ?? now;
  const trigger = { at, cause: 'MODEL_REFIT', eventId: null, late: false } as const;
  const changes = await evaluateCustomers(sql, workspaceId, rows, { trigger, rules });
  recordChanges(sql, workspaceId, rules, changes, now);
  return { state: 'RUNNING', data: { ...data, reached: last.id }, done: rows.length };
}

const selectNextBatch = `
  select id, evaluated_at as "evaluatedAt", due_at as "dueAt", due_cause as "dueCause" from customer
  where workspace_id = $1 and ($2::uuid is null or id > $2) and merged_into is null
  order by id limit $3 for no key update`;
