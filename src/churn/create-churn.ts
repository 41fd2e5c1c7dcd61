import type { Database, Sql } from '../platform/database.ts';
import { NotFound } from '../platform/errors.ts';
import { activateModel } from './activate-model.ts';
import { type Activation, startJob } from './jobs.ts';
import type { ChurnMode } from './risk/risk-model.ts';
import { type ChurnSettings, loadChurnSettings, storeChurnSettings } from './settings.ts';

/** Everything that changes how a workspace's churn risk is assessed. */
export interface Churn {
  /** Sets out to fit a model. @throws InUse while a job is under way */
  fit(workspaceId: string, request: FitRequest, now: Date): Promise<{ jobId: string }>;
  /** Puts a model into force again, or for the first time. @throws NotFound, InUse */
  activate(workspaceId: string, version: number, now: Date): Promise<{ jobId: string }>;
  /** Another mode assesses risk from now on if it has a model, else with its first one. @throws InvalidInput, InUse */
  configure(workspaceId: string, change: Partial<ChurnSettings>, now: Date): Promise<void>;
}

export interface FitRequest {
  mode: ChurnMode;
  activation: Activation;
}

export const createChurn = (database: Database): Churn => ({
  fit: (workspaceId, request, now) =>
    database.inWorkspace(workspaceId, async (sql) => ({
      jobId: await startJob(sql, workspaceId, { ...request, phase: 'FITTING', modelId: null, now }),
    })),
  activate: (workspaceId, version, now) =>
    database.inWorkspace(workspaceId, async (sql) => {
      const { rows } = await sql.query<{ id: string; mode: ChurnMode }>(
        'select id, mode from churn_model where workspace_id = $1 and version = $2',
        [workspaceId, version],
      );
      const [model] = rows;
      if (!model) throw new NotFound('churn model');
      return { jobId: await apply(sql, workspaceId, { ...model, now }) };
    }),
  configure: (workspaceId, change, now) =>
    database.inWorkspace(workspaceId, async (sql) => {
      await storeChurnSettings(sql, workspaceId, change);
      const { mode, assessedBy, ...models } = await loadChurnSettings(sql, workspaceId);
      const id = mode === 'ACTIVITY' ? models.activeModelId : models.subscriptionModelId;
      if (mode !== assessedBy && id !== null) await apply(sql, workspaceId, { id, mode, now });
    }),
});

/** Has a job put a model into force. @throws InUse */
async function apply(
  sql: Sql,
  workspaceId: string,
  { id: modelId, mode, now }: { id: string; mode: ChurnMode; now: Date },
): Promise<string> {
  const job = { mode, phase: 'APPLYING', activation: 'ALWAYS', modelId, now } as const;
  const id = await startJob(sql, workspaceId, job);
  await activateModel(sql, workspaceId, { job: { id, mode }, modelId, now });
  return id;
}
