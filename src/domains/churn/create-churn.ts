import type { Database, Transaction } from '../../platform/database.ts';
import { NotFound } from '../../platform/errors.ts';
import { storeStep } from '../../platform/jobs/store-jobs.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import { lockRulesExclusive } from '../../platform/workspace-lock.ts';
import type { BacktestReport } from '../../statistics/backtest/report-backtest.ts';
import { activateModel } from './activate-model.ts';
import type { BacktestRequest } from './churn-backtest.ts';
import type { Computing } from './create-computing.ts';
import { type Activation, startChurnJob } from './jobs.ts';
import type { ValueSum } from './load-values.ts';
import type { ChurnMode, RiskModel } from './risk/risk-model.ts';
import type { ValueTerms } from './risk/value.ts';
import { type ChurnSettings, loadChurnSettings, storeChurnSettings } from './settings.ts';

/** The operations that change how churn risk is assessed, and those that compute over all customers. */
export interface Churn {
  /** Starts a job that fits a model. @throws InUse while a job is running */
  fit(workspaceId: string, request: FitRequest, now: Date): Promise<{ jobId: string }>;
  /** Starts a job that activates a stored model. @throws NotFound, InUse */
  activate(workspaceId: string, version: number, now: Date): Promise<{ jobId: string }>;
  /** Changes the settings. A new mode assesses risk at once if it has a model, otherwise after its first fit. @throws InvalidInput, InUse */
  configure(workspaceId: string, change: Partial<ChurnSettings>, now: Date): Promise<void>;
  /**
   * Back-tests a model in a worker thread, within the time limit of one operation.
   *
   * @throws InvalidInput, InsufficientData, and what `Computing.compute` throws
   */
  backtest(
    workspaceId: string,
    request: BacktestRequest,
    call: ComputeContext,
  ): Promise<BacktestReport>;
  /** Sums lifetime values in a worker thread, within the time limit of one operation. */
  values(workspaceId: string, request: ValuesRequest, call: ComputeContext): Promise<ValueSum>;
}

/** The present instant of a computation, and the signal that aborts it. */
export interface ComputeContext {
  now: Date;
  signal: AbortSignal;
}

export interface ValuesRequest {
  model: RiskModel | null;
  /** A condition on the row `c` of `customer`. */
  condition: Sql;
  terms: ValueTerms;
}

export interface FitRequest {
  mode: ChurnMode;
  activation: Activation;
}

export const createChurn = (database: Database, computing: Computing): Churn => ({
  fit: (workspaceId, request, now) =>
    database.inWorkspace(workspaceId, async (db) => ({
      jobId: await startChurnJob(db, {
        ...request,
        phase: 'FITTING',
        modelId: null,
        now,
      }),
    })),
  activate: (workspaceId, version, now) =>
    database.inWorkspace(workspaceId, async (db) => {
      const { rows } = await db.query<{ id: string; mode: ChurnMode }>(sql`
        select id, mode from churn_model where workspace_id = ${workspaceId} and version = ${version}`);
      const [model] = rows;
      if (!model) throw new NotFound('churn model');
      return { jobId: await startActivation(db, { ...model, now }) };
    }),
  configure: (workspaceId, change, now) =>
    database.inWorkspace(workspaceId, async (db) => {
      await storeChurnSettings(db, change);
      const { mode, assessedBy, ...models } = await loadChurnSettings(db);
      const id = mode === 'ACTIVITY' ? models.activeModelId : models.subscriptionModelId;
      if (mode !== assessedBy && id !== null) await startActivation(db, { id, mode, now });
    }),
  backtest: (workspaceId, request, { now, signal }) =>
    computing.compute({ kind: 'BACKTEST', workspaceId, request, now }, signal),
  values(workspaceId, { model, condition, terms }, { now, signal }) {
    // Class instances cannot be passed to another thread.
    const { strings, values } = condition;
    const task = { workspaceId, model, condition: { strings, values }, terms, now };
    return computing.compute({ kind: 'VALUES', ...task }, signal);
  },
});

/** Activates a model and starts the job that assesses all customers by it. @throws InUse */
async function startActivation(
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
