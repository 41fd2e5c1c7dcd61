import { areaUnderCurve } from './area-under-curve.ts';
import { baseRateOf } from './forecast.ts';
import { type LiftPoint, liftCurve } from './lift-curve.ts';
import { brierScore, brierSkill, logLoss } from './proper-scores.ts';
import {
  type Binning,
  calibrationError,
  type ReliabilityBin,
  reliabilityTable,
} from './reliability.ts';
import type { Backtest } from './run-backtest.ts';
import { type ForecastTotals, type RepeatsRow, tableByRepeats, totalsOf } from './totals.ts';

/** The measures of a back-test, without its customers. */
export interface BacktestReport {
  customers: number;
  parameters: object;
  logLikelihood: number;
  hasPrior: boolean;
  isCalibrated: boolean;
  baseRate: number;
  auc: number | null;
  brier: number;
  skill: number | null;
  skillAgainstRecency: number | null;
  logLoss: number;
  calibrationError: Record<Binning, number>;
  reliability: Record<Binning, ReliabilityBin[]>;
  gain: LiftPoint[];
  purchases: ForecastTotals;
  byRepeats: RepeatsRow[];
  value: ForecastTotals | null;
}

export function reportBacktest(backtest: Backtest): BacktestReport {
  const { customers, fit, calibration, forecasts, purchases, values, recencyBrier } = backtest;
  const { parameters, logLikelihood, hasPrior } = fit;
  const skillAgainstRecency = recencyBrier === null ? null : brierSkill(forecasts, recencyBrier);
  return {
    ...{ customers, parameters, logLikelihood, hasPrior, skillAgainstRecency },
    isCalibrated: calibration !== null,
    baseRate: baseRateOf(forecasts),
    auc: areaUnderCurve(forecasts),
    brier: brierScore(forecasts),
    skill: brierSkill(forecasts),
    logLoss: logLoss(forecasts),
    calibrationError: byBinning((binning) => calibrationError(forecasts, { binning })),
    reliability: byBinning((binning) => reliabilityTable(forecasts, { binning })),
    gain: liftCurve(forecasts) ?? [],
    purchases: totalsOf(purchases),
    byRepeats: tableByRepeats(purchases),
    value: values && totalsOf(values),
  };
}

const byBinning = <T>(of: (binning: Binning) => T): Record<Binning, T> => ({
  EQUAL_WIDTH: of('EQUAL_WIDTH'),
  EQUAL_MASS: of('EQUAL_MASS'),
});
