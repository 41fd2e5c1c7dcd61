import { v7 as uuidv7 } from 'uuid';
import { expect } from 'vitest';
import type { PurchaseRiskModel } from '../../src/domains/churn/risk/risk-model.ts';
import { sql } from '../../src/platform/sql.ts';
import { bumpRulesVersion } from '../../src/platform/workspace-lock.ts';
import { exampleModel } from './example-model.ts';
import type { TestServer, TestWorkspace } from './server.ts';

interface Job {
  state: string;
  outcome: string | null;
  message: string | null;
  done: number;
  total: number;
  model: { version: number } | null;
}

const latestJob = '{ churnModelJobs { state outcome message done total model { version } } }';

/** Waits for the latest job to end. */
export async function waitForJob(workspace: TestWorkspace): Promise<Job> {
  const jobs = () => workspace.query<{ churnModelJobs: Job[] }>(latestJob);
  await expect
    .poll(async () => (await jobs()).churnModelJobs[0]?.state, { timeout: 60_000, interval: 100 })
    .not.toBe('RUNNING');
  const [job] = (await jobs()).churnModelJobs;
  if (!job) throw new Error('There was no job');
  return job;
}

export async function fitModel(workspace: TestWorkspace, activation = 'ALWAYS'): Promise<Job> {
  const { fitChurnModel } = await workspace.query<{ fitChurnModel: { __typename: string } }>(
    `mutation ($activation: ChurnModelActivation) {
      fitChurnModel(activation: $activation) { __typename ... on Refusal { code message } } }`,
    { activation },
  );
  expect(fitChurnModel).toEqual({ __typename: 'ChurnModelJobPayload' });
  return waitForJob(workspace);
}

/** Moves the clock past the ingestion lease of the last events, so that the import counts as ended. */
export const passImportLease = (server: TestServer) => {
  server.clock.now = new Date((server.clock.now?.getTime() ?? Date.now()) + 20_000);
};

/** The active model, read through the API. */
export async function readActiveModel(workspace: TestWorkspace): Promise<PurchaseRiskModel> {
  const { churnModel } = await workspace.query<{
    churnModel: Omit<PurchaseRiskModel, 'bands' | 'spend'> & {
      bands: Array<{ band: keyof PurchaseRiskModel['bands']; enter: number; exit: number }>;
      spendParameters: PurchaseRiskModel['spend'];
    };
  }>(`{ churnModel { activity horizonDays parameters calibration bands { band enter exit }
    spendParameters } }`);
  const { bands, spendParameters, ...model } = churnModel;
  return {
    ...model,
    bands: Object.fromEntries(
      bands.map(({ band, ...threshold }) => [band, threshold]),
    ) as PurchaseRiskModel['bands'],
    spend: spendParameters,
  };
}

const failedFit = {
  mode: 'ACTIVITY',
  phase: 'FITTING',
  activation: 'NEVER',
  modelId: null,
  reached: null,
};

/** Activates a model as if it had been fitted; assesses every customer with an order as safe before the last order. */
export async function installModel(
  { database }: TestServer,
  { id }: TestWorkspace,
  {
    canary = '',
    activatedAt = new Date('2000-01-01'),
  }: { canary?: string; activatedAt?: Date } = {},
) {
  const modelId = uuidv7();
  await database.inWorkspace(id, async (db) => {
    const evidence = { customers: 0, repeats: 0, events: 0, note: canary, backtest: null };
    await db.query(sql`
      insert into churn_model (workspace_id, id, version, mode, definition, evidence, created_at)
      values (${id}, ${modelId}, 1, 'ACTIVITY', ${JSON.stringify(exampleModel)},
        ${JSON.stringify(evidence)}, now())`);
    await db.query(sql`
      insert into churn_setting (workspace_id, active_model, activated_at)
      values (${id}, ${modelId}, ${activatedAt})`);
    await db.query(sql`
      insert into job (workspace_id, id, kind, state, data, run_at, outcome, message, started_at,
        finished_at)
      values (${id}, ${uuidv7()}, 'CHURN_MODEL', 'FAILED', ${JSON.stringify(failedFit)}, now(),
        'INSUFFICIENT_DATA', ${canary}, now(), now())`);
    await db.query(sql`
      insert into customer_risk (workspace_id, customer_id, band, since, model_id, x, last_at,
        lifetime_value)
      select workspace_id, id, 'LOW', last_order_at, ${modelId}, order_days - 2, last_order_at, 1
      from customer where workspace_id = ${id} and order_days > 0 and merged_into is null`);
    bumpRulesVersion(db);
  });
}
