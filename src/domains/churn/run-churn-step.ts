import { v7 as uuidv7 } from 'uuid';
import { loadWorkspaceSettings } from '../../access/workspaces.ts';
import type { Transaction } from '../../platform/database.ts';
import { DomainError } from '../../platform/errors.ts';
import type { Job } from '../../platform/jobs/job.ts';
import { sql } from '../../platform/sql.ts';
import { activateModel, applyModel } from './activate-model.ts';
import { type FailedFit, toFailedFit } from './fit-failure.ts';
import { fitRiskModel } from './fit-risk-model.ts';
import { fitSubscriptionModel } from './fit-subscription-model.ts';
import type { ChurnJobData, ChurnStep } from './jobs.ts';
import type { ChurnMode, PurchaseRiskModel, SubscriptionRiskModel } from './risk/risk-model.ts';
import { loadChurnSettings } from './settings.ts';

/** The next step of a job: fits a model, or assesses the next customers by one. */
export const runChurnStep = (
  db: Transaction,
  { data }: Job<ChurnJobData>,
  now: Date,
): Promise<ChurnStep> =>
  data.phase === 'APPLYING' ? applyModel(db, data, now) : fitModel(db, data, now);

async function fitModel(db: Transaction, job: ChurnJobData, now: Date): Promise<ChurnStep> {
  const fitted = await fitByMode(db, job.mode, now).catch(toFailure);
  if ('message' in fitted) return { state: 'FAILED', ...fitted };
  const modelId = await storeModel(db, job.mode, { ...fitted, now });
  const data = { ...job, modelId };
  const isAccepted = job.activation === 'ALWAYS' || fitted.isNotWorse;
  if (job.activation !== 'NEVER' && isAccepted) {
    return activateModel(db, { data, now });
  }
  return { state: 'DONE', data, outcome: job.activation === 'NEVER' ? 'KEPT' : 'WORSE' };
}

/** A fitted model of either mode. */
interface AnyModel {
  definition: object;
  evidence: object;
  isNotWorse: boolean;
}

async function fitByMode(
  db: Transaction,
  mode: ChurnMode,
  now: Date,
): Promise<AnyModel | FailedFit> {
  const { timeZone } = await loadWorkspaceSettings(db);
  const settings = await loadChurnSettings(db);
  if (mode === 'SUBSCRIPTION') {
    const active = await loadModelDefinition<SubscriptionRiskModel>(
      db,
      settings.subscriptionModelId,
    );
    const fitted = await fitSubscriptionModel(db, { timeZone, now, active });
    if ('message' in fitted) return { outcome: 'INSUFFICIENT_DATA', ...fitted };
    return { ...fitted, isNotWorse: isNotWorse(fitted) };
  }
  const active = await loadModelDefinition<PurchaseRiskModel>(db, settings.activeModelId);
  const fitted = await fitRiskModel(db, { ...settings, timeZone, now, active });
  return 'reason' in fitted ? toFailedFit(fitted) : { ...fitted, isNotWorse: isNotWorse(fitted) };
}

async function loadModelDefinition<T>(db: Transaction, id: string | null) {
  const { rows } = await db.query<{ definition: T }>(sql`
    select definition from churn_model where workspace_id = ${db.workspaceId} and id = ${id}`);
  return rows[0]?.definition ?? null;
}

/** Data that the models reject, such as amounts too large to compute with, fail the job with a message. */
function toFailure(error: unknown): FailedFit {
  if (error instanceof DomainError) return { outcome: 'INSUFFICIENT_DATA', message: error.message };
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
  db: Transaction,
  mode: ChurnMode,
  { definition, evidence, now }: AnyModel & { now: Date },
): Promise<string> {
  const id = uuidv7();
  await db.query(sql`
    insert into churn_model (workspace_id, id, version, mode, definition, evidence, created_at)
    select ${db.workspaceId}, ${id}, coalesce(max(version), 0) + 1, ${mode},
      ${JSON.stringify(definition)}, ${JSON.stringify(evidence)}, ${now}
    from churn_model where workspace_id = ${db.workspaceId}`);
  return id;
}
