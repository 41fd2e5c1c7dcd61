import { v7 as uuidv7 } from 'uuid';
import { loadSettings } from '../access/workspaces.ts';
import { renewBuilding } from '../builds/running-build.ts';
import { loadVocabulary } from '../conditions/vocabulary.ts';
import type { Database, Sql } from '../platform/database.ts';
import { DomainError } from '../platform/errors.ts';
import { activateModel, applyModel } from './activate-model.ts';
import { type FittedModel, fitRiskModel } from './fit-risk-model.ts';
import { endJob, findRunningJob, type RunningJob } from './jobs.ts';
import { loadChurnSettings } from './settings.ts';

/**
 * Takes the job of a workspace's churn model one step further; answers whether there is more to do at once.
 * Any number of servers may call it: each step waits for the one before.
 */
export const runChurn = (database: Database, workspaceId: string, now: Date): Promise<boolean> =>
  database.inWorkspace(workspaceId, async (sql) => {
    const job = await findRunningJob(sql, workspaceId);
    if (!job) {
      await renewBuilding(sql, workspaceId);
      return false;
    }
    if (job.phase === 'APPLYING') return applyModel(sql, workspaceId, job, now);
    await fitModel(sql, workspaceId, job, now);
    return true;
  });

async function fitModel(sql: Sql, workspaceId: string, job: RunningJob, now: Date): Promise<void> {
  const settings = await loadChurnSettings(sql, workspaceId);
  const { timeZone } = await loadSettings(sql, workspaceId);
  const { riskModel: active } = await loadVocabulary(sql, workspaceId);
  const asked = { ...settings, timeZone, now, active };
  const fitted = await fitRiskModel(sql, workspaceId, asked).catch(toFailure);
  if ('message' in fitted) {
    const { message } = fitted;
    await endJob(sql, workspaceId, job, {
      state: 'FAILED',
      outcome: 'INSUFFICIENT_DATA',
      message,
      now,
    });
    return;
  }
  const modelId = await storeModel(sql, workspaceId, fitted, now);
  await sql.query('update churn_job set model_id = $3 where workspace_id = $1 and id = $2', [
    workspaceId,
    job.id,
    modelId,
  ]);
  const isWanted = job.activation === 'ALWAYS' || isNotWorse(fitted);
  if (job.activation !== 'NEVER' && isWanted) {
    await activateModel(sql, workspaceId, { job, modelId, now });
    return;
  }
  const outcome = job.activation === 'NEVER' ? 'KEPT' : 'WORSE';
  await endJob(sql, workspaceId, job, { state: 'DONE', outcome, now });
}

/** What the models refuse to take, such as amounts beyond counting, is an answer too. */
function toFailure(error: unknown): { message: string } {
  if (error instanceof DomainError) return { message: error.message };
  throw error;
}

/** What the Brier score may lose before a model counts as worse than the one in force. */
const tolerated = 0.005;

function isNotWorse({ evidence: { backtest } }: FittedModel): boolean {
  if (!backtest || backtest.brierOfActive === null) return true;
  return backtest.brier <= backtest.brierOfActive + tolerated;
}

async function storeModel(
  sql: Sql,
  workspaceId: string,
  { definition, evidence }: FittedModel,
  now: Date,
): Promise<string> {
  const id = uuidv7();
  await sql.query(
    `insert into churn_model (workspace_id, id, version, mode, definition, evidence, created_at)
     select $1, $2, coalesce(max(version), 0) + 1, 'ACTIVITY', $3, $4, $5
     from churn_model where workspace_id = $1`,
    [workspaceId, id, JSON.stringify(definition), JSON.stringify(evidence), now],
  );
  return id;
}
