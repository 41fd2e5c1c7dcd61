import { loadMeanHistories } from '../../src/domains/churn/load-histories.ts';
import { proposeBands } from '../../src/domains/churn/risk/propose-bands.ts';
import type { ChurnActivity, RiskModel } from '../../src/domains/churn/risk/risk-model.ts';
import { type ChurnSettings, loadChurnSettings } from '../../src/domains/churn/settings.ts';
import { fitBaseline } from '../../src/domains/churn/subscription/baseline.ts';
import { fitLateness } from '../../src/domains/churn/subscription/lateness.ts';
import { sqlThrough } from '../../src/platform/database.ts';
import { checkSufficientData } from '../../src/statistics/models/fit-groups.ts';
import { mbgNbd } from '../../src/statistics/models/mbg-nbd.ts';
import { vocabularyOf } from '../filter/filter.ts';
import type { RequestContext } from '../kernel/context.ts';
import { perOperation } from '../kernel/per-operation.ts';
import { loadWorkspace } from '../kernel/workspace-row.ts';

/** The model that assesses the customers of a workspace. */
export interface Assessor {
  activity: ChurnActivity;
  /** The active model or an estimate; null if there is no data for an estimate. */
  model: RiskModel | null;
  version: number | null;
  /** Why no model is active and what to do; null if one is. */
  missing: string | null;
}

const unfitted = 'No churn model is active yet. Fit one with `fitChurnModel`.';

export const loadAssessor = perOperation(async (ctx: RequestContext): Promise<Assessor> => {
  const { riskModel: model } = await vocabularyOf(ctx);
  const { mode, ...settings } = await loadChurnSettings(sqlThrough(ctx.tx, ctx.workspaceId));
  if (model) {
    const activity = model.mode === 'ACTIVITY' ? model.activity : settings.activity;
    return { activity, model, version: model.version, missing: null };
  }
  if (mode === 'ACTIVITY') return estimate(ctx, settings);
  const { timeZone, currency } = await loadWorkspace(ctx);
  const estimated = { ...priorRenewalModel, timeZone, currency };
  return { ...settings, model: estimated, version: null, missing: unfitted };
});

/** A model from prior parameters only. */
const priorRenewalModel = {
  mode: 'SUBSCRIPTION' as const,
  hazard: null,
  baseline: fitBaseline([]),
  lateness: fitLateness([]),
  bands: proposeBands([]),
};

/** With more customers than this, no estimate is computed. */
const maxEstimated = 10_000;

/** A model from prior parameters for customers with the purchase rate of the workspace. */
async function estimate(
  ctx: RequestContext,
  { activity, horizonDays }: Pick<ChurnSettings, 'activity' | 'horizonDays'>,
): Promise<Assessor> {
  const db = sqlThrough(ctx.tx, ctx.workspaceId);
  const { timeZone } = await loadWorkspace(ctx);
  const none = { activity, model: null, version: null, missing: unfitted };
  const customers = await ctx.tx.customer.count({ take: maxEstimated });
  if (customers >= maxEstimated) return none;
  const query = { activity, timeZone, now: ctx.now() };
  const groups = await loadMeanHistories(db, query);
  const missing = checkSufficientData(groups)?.message ?? unfitted;
  if (groups.length === 0) return { ...none, missing };
  const model: RiskModel = {
    mode: 'ACTIVITY',
    activity,
    horizonDays,
    parameters: mbgNbd.defaultPrior(groups).centres,
    calibration: { slope: 1, intercept: 0 },
    bands: proposeBands([]),
    spend: null,
  };
  return { activity, model, version: null, missing };
}
