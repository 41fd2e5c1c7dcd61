import type { Transaction } from '../../platform/database.ts';
import { NotFound } from '../../platform/errors.ts';
import { storeStep } from '../../platform/jobs/store-jobs.ts';
import { sql } from '../../platform/sql.ts';
import { lockRulesExclusive } from '../../platform/workspace-lock.ts';
import { activateModel } from './activate-model.ts';
import { type Activation, startChurnJob } from './jobs.ts';
import type { ChurnMode } from './risk/risk-model.ts';
import { type ChurnSettings, loadChurnSettings, storeChurnSettings } from './settings.ts';

export interface FitRequest {
  mode: ChurnMode;
  activation: Activation;
}

/** Starts a job that fits a model. @throws InUse while a job is running */
export async function startFit(
  db: Transaction,
  request: FitRequest,
  now: Date,
): Promise<{ jobId: string }> {
  const jobId = await startChurnJob(db, { ...request, phase: 'FITTING', modelId: null, now });
  return { jobId };
}

/** Starts a job that activates a stored model. @throws NotFound, InUse */
export async function startActivation(
  db: Transaction,
  version: number,
  now: Date,
): Promise<{ jobId: string }> {
  const { rows } = await db.query<{ id: string; mode: ChurnMode }>(sql`
    select id, mode from churn_model
    where workspace_id = ${db.workspaceId} and version = ${version}`);
  const [model] = rows;
  if (!model) throw new NotFound('churn model');
  return { jobId: await activate(db, { ...model, now }) };
}

/**
 * Changes the settings. A new mode assesses risk at once if it has a model, otherwise after its first fit.
 *
 * @throws InvalidInput, InUse
 */
export async function changeChurnSettings(
  db: Transaction,
  change: Partial<ChurnSettings>,
  now: Date,
): Promise<void> {
  await storeChurnSettings(db, change);
  const { mode, assessedBy, ...models } = await loadChurnSettings(db);
  const id = mode === 'ACTIVITY' ? models.activeModelId : models.subscriptionModelId;
  if (mode !== assessedBy && id !== null) await activate(db, { id, mode, now });
}

/** Activates a model and starts the job that assesses all customers by it. @throws InUse */
async function activate(
  db: Transaction,
  { id: modelId, mode, now }: { id: string; mode: ChurnMode; now: Date },
): Promise<string> {
  // Before the directory's row, which ingestion locks after the rules.
  lockRulesExclusive(db);
  const job = { mode, phase: 'APPLYING', activation: 'ALWAYS', modelId } as const;
  const id = await startChurnJob(db, { ...job, now });
  const data = { ...job, reached: null };
  const result = await activateModel(db, { data, now });
  await storeStep(db, { id, result, now });
  return id;
}
