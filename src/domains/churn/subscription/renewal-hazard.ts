import type { Forecast } from '../../../statistics/backtest/forecast.ts';
import type { FitFailure } from '../../../statistics/models/fit-positive.ts';
import { baselineHazard, fitBaseline, selectBaseline } from './baseline.ts';
import { fitHazard, type HazardFit, type HazardModel, predictHazard } from './hazard-model.ts';
import { type RenewalMeasure, renewalMeasures } from './renewal-measures.ts';
import type { RenewalRow } from './renewal-rows.ts';
import { renewalGrace } from './subscription-history.ts';
import type { InsufficientRenewals } from './sufficiency.ts';

/** The share of rows, the latest ones, that is held out for calibration. */
const heldOutShare = 0.25;

/**
 * Fits the hazard to decided renewals, in any order; the latest quarter of them calibrates the scores.
 * @throws InvalidArgument for a measure that is no finite number
 */
export function fitRenewalHazard(
  rows: readonly RenewalRow[],
): HazardFit<RenewalMeasure> | InsufficientRenewals | FitFailure {
  const sorted = rows.toSorted((left, right) => left.dueAt - right.dueAt);
  const first = Math.floor((1 - heldOutShare) * sorted.length);
  return fitHazard(sorted.slice(0, first), renewalMeasures, { heldOut: sorted.slice(first) });
}

/** Forecasts of renewals and their outcomes, by the hazard and, for comparison, by the baseline. */
export interface RenewalBacktest {
  hazard: Forecast[];
  baseline: Forecast[];
}

/**
 * Back-tests a hazard fitted to the renewals decided before an instant on the renewals due after it. Rows
 * contain no data from after their own cut-off, so one table serves any instant.
 * @throws InvalidArgument for a measure that is no finite number
 */
export function backtestRenewals(
  rows: readonly RenewalRow[],
  from: number,
): RenewalBacktest | InsufficientRenewals | FitFailure {
  const known = rows.filter(({ dueAt }) => dueAt + renewalGrace <= from);
  const fit = fitRenewalHazard(known);
  if (!fit.converged) return fit;
  const baseline = fitBaseline(known);
  const later = rows.filter(({ dueAt }) => dueAt >= from);
  const predict = (score: (row: RenewalRow) => number) =>
    later.map((row) => ({ score: score(row), outcome: row.isLost }));
  return {
    hazard: predict((row) => predictHazard(fit.model, row)),
    baseline: predict(({ plan, renewals }) =>
      baselineHazard(selectBaseline(baseline, plan), renewals),
    ),
  };
}

/** The forecasts of a given hazard for the renewals due from an instant on. */
export const backtestModel = (
  model: HazardModel<RenewalMeasure>,
  rows: readonly RenewalRow[],
  from: number,
): Forecast[] =>
  rows
    .filter(({ dueAt }) => dueAt >= from)
    .map((row) => ({ score: predictHazard(model, row), outcome: row.isLost }));
