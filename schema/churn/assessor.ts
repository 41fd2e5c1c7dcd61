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

/** What customers of a workspace are assessed by. */
export interface Assessor {
  activity: ChurnActivity;
  /** The model in force, or a guess; null where there is nothing to guess from. */
  model: RiskModel | null;
  version: number | null;
  /** Why no model is in force and what to do; null if one is. */
  missing: string | null;
}

const unfitted = 'No model is in force yet: fit one with `fitChurnModel`.';

export const loadAssessor = perOperation(async (ctx: RequestContext): Promise<Assessor> => {
  const { riskModel: model } = await vocabularyOf(ctx);
  const { mode, ...settings } = await loadChurnSettings(sqlThrough(ctx.tx), ctx.workspaceId);
  if (model) {
    const activity = model.mode === 'ACTIVITY' ? model.activity : settings.activity;
    return { activity, model, version: model.version, missing: null };
  }
  if (mode === 'ACTIVITY') return guess(ctx, settings);
  const { timeZone, currency } = await loadWorkspace(ctx);
  const guessed = { ...guessRenewals, timeZone, currency };
  return { ...settings, model: guessed, version: null, missing: unfitted };
});

/** By what is usual elsewhere. */
const guessRenewals = {
  mode: 'SUBSCRIPTION' as const,
  hazard: null,
  baseline: fitBaseline([]),
  lateness: fitLateness([]),
  bands: proposeBands([]),
};

/** More customers than this are not counted only to guess what a model would say. */
const mostCounted = 10_000;

/** By what is usual for customers who come back as fast as those of the workspace. */
async function guess(
  ctx: RequestContext,
  { activity, horizonDays }: Pick<ChurnSettings, 'activity' | 'horizonDays'>,
): Promise<Assessor> {
  const sql = sqlThrough(ctx.tx);
  const { timeZone } = await loadWorkspace(ctx);
  const nothing = { activity, model: null, version: null, missing: unfitted };
  const customers = await ctx.tx.customer.count({ take: mostCounted });
  if (customers >= mostCounted) return nothing;
  const asked = { activity, timeZone, now: ctx.now() };
  const groups = await loadMeanHistories(sql, ctx.workspaceId, asked);
  const missing = checkSufficientData(groups)?.message ?? unfitted;
  if (groups.length === 0) return { ...nothing, missing };
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
