import type { Database } from '../platform/database.ts';
import { NotFound } from '../platform/errors.ts';
import { activateModel, useSubscriptionModel } from './activate-model.ts';
import { type Activation, type ChurnMode, startJob } from './jobs.ts';
import { type ChurnSettings, storeChurnSettings } from './settings.ts';

/** Everything that changes how a workspace's churn risk is assessed. */
export interface Churn {
  /** Sets out to fit a model. @throws InUse while a job is under way */
  fit(workspaceId: string, request: FitRequest, now: Date): Promise<{ jobId: string }>;
  /** Puts a model into force again, or for the first time. @throws NotFound, InUse */
  activate(workspaceId: string, version: number, now: Date): Promise<{ jobId: string }>;
  /** @throws InvalidInput */
  configure(workspaceId: string, change: Partial<ChurnSettings>): Promise<void>;
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
      const { id: modelId, mode } = model;
      const job = { mode, phase: 'APPLYING', activation: 'ALWAYS', modelId, now } as const;
      const id = await startJob(sql, workspaceId, job);
      if (mode === 'ACTIVITY') await activateModel(sql, workspaceId, { job: { id }, modelId, now });
      else await useSubscriptionModel(sql, workspaceId, { job: { id }, modelId, now });
      return { jobId: id };
    }),
  configure: (workspaceId, change) =>
    database.inWorkspace(workspaceId, (sql) => storeChurnSettings(sql, workspaceId, change)),
});
