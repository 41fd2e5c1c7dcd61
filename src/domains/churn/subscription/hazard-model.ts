import type { FitFailure } from '../../../statistics/models/fit-positive.ts';
import {
  explainLogistic,
  fitLogistic,
  type LogisticModel,
  type NormalPrior,
} from '../../../statistics/models/logistic-regression.ts';
import { toProbability } from '../../../statistics/models/numerics/log-odds.ts';
import { type Calibration, fitCalibration } from '../../../statistics/models/platt-scaling.ts';
import {
  choosePlans,
  type HazardCase,
  type PlanColumns,
  planFeatures,
  type RenewalCase,
  toLogisticRows,
} from './hazard-design.ts';
import {
  checkSufficientRenewals,
  countOutcomes,
  type InsufficientRenewals,
} from './sufficiency.ts';

/**
 * A discrete-time hazard of subscriptions: P(no renewal at the next opportunity) by logistic regression (Cox
 * 1972; Allison 1982, Sociological Methodology 13:61-98). Plain numbers and strings, to be stored as JSON.
 */
export interface HazardModel<M extends string> {
  readonly plans: PlanColumns;
  /** In the order of the coefficients that follow those of the plans. */
  readonly measures: readonly M[];
  readonly logistic: Readonly<LogisticModel>;
  /** Null without enough data to calibrate. */
  readonly calibration: Readonly<Calibration> | null;
}

export interface HazardFit<M extends string> {
  converged: true;
  model: HazardModel<M>;
  /** Decided renewals and lost ones, the held-out cases included. */
  decided: number;
  lost: number;
}

interface Options<M extends string> {
  /** The latest cases, which calibrate the fit to the others. */
  heldOut?: readonly HazardCase<M>[];
  /** Plans with fewer decided renewals are pooled. */
  minPerPlan?: number;
  /** Null for plain maximum likelihood. */
  prior?: NormalPrior | null;
}

/** Weak: within two sd, a measure one deviation away changes the odds by up to a factor of seven. */
const weakPrior: NormalPrior = { sd: 1 };

/**
 * Fits the hazard to decided renewals, and Platt's calibration to those held out. If either set is too small,
 * all cases go into the fit and the scores are not calibrated. A calibration that would reverse the order of
 * scores is a failure. `measures` names the measures to use, in any fixed order.
 * @throws InvalidArgument for a measure or count that is no finite number
 */
export function fitHazard<M extends string>(
  cases: readonly HazardCase<M>[],
  measures: readonly M[],
  { heldOut = [], minPerPlan = 30, prior = weakPrior }: Options<M> = {},
): HazardFit<M> | InsufficientRenewals | FitFailure {
  const all = [...cases, ...heldOut];
  const missing = checkSufficientRenewals(all);
  if (missing) return missing;
  const isApart = !checkSufficientRenewals(cases) && !checkSufficientRenewals(heldOut);
  const fitted = fitUncorrected(isApart ? cases : all, { measures, minPerPlan: minPerPlan, prior });
  if (!fitted.converged) return fitted;
  const { model } = fitted;
  const calibration = isApart ? correctBy(model, heldOut) : null;
  if (calibration && 'reason' in calibration) return calibration;
  return { converged: true, ...countOutcomes(all), model: { ...model, calibration } };
}

function fitUncorrected<M extends string>(
  cases: readonly HazardCase<M>[],
  {
    measures,
    minPerPlan,
    prior,
  }: { measures: readonly M[]; minPerPlan: number; prior: NormalPrior | null },
) {
  const plans = choosePlans(cases, minPerPlan);
  const rows = toLogisticRows(cases, { plans, measures });
  const fit = fitLogistic(rows, prior ? { prior } : {});
  if (!fit.converged) return fit;
  return { ...fit, model: { plans, measures, logistic: fit.model, calibration: null } };
}

/** Calibrates by cases that the fit has not seen. */
function correctBy<M extends string>(
  model: HazardModel<M>,
  heldOut: readonly HazardCase<M>[],
): Calibration | FitFailure | null {
  const scored = heldOut.map(({ isLost, count = 1, ...renewal }) => ({
    score: predictHazard(model, renewal),
    outcome: isLost,
    count,
  }));
  const fit = fitCalibration(scored);
  if (fit.converged) return fit.calibration;
  // Identical scores cannot be calibrated; a calibration that reverses the ranking must not be used.
  return fit.reason === 'NOTHING_TO_LEARN' ? null : fit;
}

/** The decomposition of a score: `base` plus the contributions of the plan and of each measure is `logOdds`. */
export interface HazardExplanation<M extends string> {
  /** The log-odds of an average renewal. */
  base: number;
  plan: number;
  measures: Record<M, number>;
  logOdds: number;
  probability: number;
}

/**
 * The exact additive attribution of the calibrated log-odds of not renewing. A plan unknown to the fit is
 * treated as average and contributes 0.
 * @throws InvalidArgument for a measure that is missing or no finite number
 */
export function explainHazard<M extends string>(
  { plans, measures, logistic, calibration }: HazardModel<M>,
  { plan, measures: values }: RenewalCase<M>,
): HazardExplanation<M> {
  const width = logistic.means.length - measures.length;
  const indicators = planFeatures(plans, plan) ?? logistic.means.slice(0, width);
  const raw = explainLogistic(logistic, [...indicators, ...measures.map((name) => values[name])]);
  const { slope, intercept } = calibration ?? { slope: 1, intercept: 0 };
  const parts = raw.contributions.map((part) => slope * part);
  const byMeasure = measures.map((name, i) => [name, parts[width + i] ?? 0] as const);
  const base = intercept + slope * raw.base;
  const ofPlan = parts.slice(0, width).reduce((sum, part) => sum + part, 0);
  const logOdds = byMeasure.reduce((sum, [, part]) => sum + part, base + ofPlan);
  return {
    base,
    plan: ofPlan,
    measures: Object.fromEntries(byMeasure) as Record<M, number>,
    logOdds,
    probability: toProbability(logOdds),
  };
}

/** The calibrated log-odds of not renewing. @throws InvalidArgument as explaining does */
export const predictLogOdds = <M extends string>(
  model: HazardModel<M>,
  renewal: RenewalCase<M>,
): number => explainHazard(model, renewal).logOdds;

/** P(no renewal at the next opportunity), calibrated. @throws InvalidArgument as explaining does */
export const predictHazard = <M extends string>(
  model: HazardModel<M>,
  renewal: RenewalCase<M>,
): number => explainHazard(model, renewal).probability;
