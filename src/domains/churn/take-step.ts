import { v7 as uuidv7 } from 'uuid';
import { loadSettings } from '../../access/workspaces.ts';
import type { Sql } from '../../platform/database.ts';
import { DomainError } from '../../platform/errors.ts';
import { activateModel, applyModel } from './activate-model.ts';
import { fitRiskModel } from './fit-risk-model.ts';
import { fitSubscriptionModel } from './fit-subscription-model.ts';
import { endJob, type RunningJob, takeRunningJob } from './jobs.ts';
import type { PurchaseRiskModel, SubscriptionRiskModel } from './risk/risk-model.ts';
import { loadChurnSettings } from './settings.ts';

/** Runs the next step of a workspace's churn job; returns whether to continue at once. */
export async function takeStep(sql: Sql, workspaceId: string, now: Date): Promise<boolean> {
  const job = await takeRunningJob(sql, workspaceId);
  // The job has ended, or another server is running it.
  if (!job) return false;
  if (job.phase === 'APPLYING') return applyModel(sql, workspaceId, job, now);
  await fitModel(sql, workspaceId, job, now);
  return true;
}

async function fitModel(sql: Sql, workspaceId: string, job: RunningJob, now: Date): Promise<void> {
  const fitted = await fitByMode(sql, workspaceId, job, now).catch(toFailure);
  if ('message' in fitted) {
    const end = { state: 'FAILED', outcome: 'INSUFFICIENT_DATA', now } as const;
    await endJob(sql, workspaceId, job, { ...end, message: fitted.message });
    return;
  }
  const modelId = await storeModel(sql, workspaceId, job, { ...fitted, now });
  const isAccepted = job.activation === 'ALWAYS' || fitted.isNotWorse;
  if (job.activation !== 'NEVER' && isAccepted) {
    await activateModel(sql, workspaceId, { job, modelId, now });
    return;
  }
  const outcome = job.activation === 'NEVER' ? 'KEPT' : 'WORSE';
  await endJob(sql, workspaceId, job, { state: 'DONE', outcome, now });
}

/** A fitted model of either mode. */
interface AnyModel {
  definition: object;
  evidence: object;
  isNotWorse: boolean;
}

async function fitByMode(
  sql: Sql,
  workspaceId: string,
  { mode }: RunningJob,
  now: Date,
): Promise<AnyModel | { message: string }> {
  const { timeZone } = await loadSettings(sql, workspaceId);
  const settings = await loadChurnSettings(sql, workspaceId);
  if (mode === 'SUBSCRIPTION') {
    const active = await loadModelDefinition<SubscriptionRiskModel>(
      sql,
      workspaceId,
      settings.subscriptionModelId,
    );
    const fitted = await fitSubscriptionModel(sql, workspaceId, { timeZone, now, active });
    return 'message' in fitted ? fitted : { ...fitted, isNotWorse: isNotWorse(fitted) };
  }
  const active = await loadModelDefinition<PurchaseRiskModel>(
    sql,
    workspaceId,
    settings.activeModelId,
  );
  const fitted = await fitRiskModel(sql, workspaceId, { ...settings, timeZone, now, active });
  return 'reason' in fitted ? fitted : { ...fitted, isNotWorse: isNotWorse(fitted) };
}

async function loadModelDefinition<T>(sql: Sql, workspaceId: string, id: string | null) {
  const { rows } = await sql.query<{ definition: T }>(
    'select definition from churn_model where workspace_id = $1 and id = $2',
    [workspaceId, id],
  );
  return rows[0]?.definition ?? null;
}

/** Data that the models reject, such as amounts too large to compute with, fail the job with a message. */
function toFailure(error: unknown): { message: string } {
  if (error instanceof DomainError) return { message: error.message };
  throw error;
}

/** The back-test of a fitted model and of the active model on the same window. */
interface BacktestedModel {
  evidence: { backtest: { brier: number; brierOfActive: number | null } | null };
}

/** How much higher the Brier score may be before a model counts as worse than the active one. */
const maxBrierLoss = 0.005;

function isNotWorse({ evidence: { backtest } }: BacktestedModel): boolean {
  if (!backtest || backtest.brierOfActive === null) return true;
  return backtest.brier <= backtest.brierOfActive + maxBrierLoss;
}

async function storeModel(
  sql: Sql,
  workspaceId: string,
  job: RunningJob,
  { definition, evidence, now }: AnyModel & { now: Date },
): Promise<string> {
  const id = uuidv7();
  await sql.query(
    `insert into churn_model (workspace_id, id, version, mode, definition, evidence, created_at)
     select $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5, $6
     from churn_model where workspace_id = $1`,
    [workspaceId, id, job.mode, JSON.stringify(definition), JSON.stringify(evidence), now],
  );
  await sql.query('update churn_job set model_id = $3 where workspace_id = $1 and id = $2', [
    workspaceId,
    job.id,
    id,
  ]);
  return id;
}
