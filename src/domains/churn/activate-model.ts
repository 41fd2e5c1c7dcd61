import { importingUntil } from '../../engine/builds/catch-up.ts';
import { countUnmergedCustomers } from '../../engine/customers/count-customers.ts';
import {
  evaluateCustomers,
  type StoredCustomer,
} from '../../engine/evaluation/evaluate-customers.ts';
import { recordChanges } from '../../engine/evaluation/record-changes.ts';
import { loadRules } from '../../engine/evaluation/rules.ts';
import type { Transaction } from '../../platform/database.ts';
import { rawSql, sql } from '../../platform/sql.ts';
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
  db: Transaction,
  { data, now }: ModelActivation,
): Promise<ChurnStep> {
  lockRulesExclusive(db);
  await db.query(sql`
    insert into churn_setting (workspace_id, ${rawSql(activeModelColumns[data.mode])})
      values (${db.workspaceId}, ${data.modelId})
    on conflict (workspace_id) do update
      set ${rawSql(activeModelColumns[data.mode])} = excluded.${rawSql(activeModelColumns[data.mode])}`);
  const { mode, assessedBy } = await loadChurnSettings(db);
  if (data.mode !== mode && data.mode !== assessedBy) {
    return { state: 'DONE', data, outcome: 'ACTIVATED' };
  }
  await db.query(sql`
    update churn_setting set assessed_by = ${data.mode}, activated_at = ${now}
      where workspace_id = ${db.workspaceId}`);
  bumpRulesVersion(db);
  const total = await countUnmergedCustomers(db);
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
  db: Transaction,
  data: ChurnJobData,
  now: Date,
): Promise<ChurnStep> {
  const runAt = await importingUntil(db, now);
  if (runAt) return { state: 'RUNNING', runAt };
  lockRulesShared(db);
  const { rows } = await db.query<StoredCustomer>(sql`
    select id, evaluated_at as "evaluatedAt", due_at as "dueAt", due_cause as "dueCause" from customer
    where workspace_id = ${db.workspaceId} and (${data.reached}::uuid is null or id > ${data.reached})
      and merged_into is null
    order by id limit ${batchSize} for no key update`);
  const last = rows.at(-1);
  if (!last) return { state: 'DONE', outcome: 'ACTIVATED' };
  const rules = await loadRules(db);
  const { activatedAt } = await loadChurnSettings(db);
  const at = activatedAt ?? now;
  const trigger = { at, cause: 'MODEL_REFIT', eventId: null, late: false } as const;
  const changes = await evaluateCustomers(db, rows, { trigger, rules });
  recordChanges(db, rules, changes, now);
  return { state: 'RUNNING', data: { ...data, reached: last.id }, done: rows.length };
}
