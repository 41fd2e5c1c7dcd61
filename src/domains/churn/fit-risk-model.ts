import type { Sql } from '../../platform/database.ts';
import { dayOf } from '../../platform/time/day-of.ts';
import { areaUnderCurve } from '../../statistics/backtest/area-under-curve.ts';
import { baseRateOf } from '../../statistics/backtest/forecast.ts';
import { brierScore } from '../../statistics/backtest/proper-scores.ts';
import { calibrationError } from '../../statistics/backtest/reliability.ts';
import {
  type Backtest,
  type BacktestCustomer,
  calibrateBy,
  runBacktest,
} from '../../statistics/backtest/run-backtest.ts';
import { type Totals, totalsOf } from '../../statistics/backtest/totals.ts';
import { fewestRepeats, fitGroups, type Insufficient } from '../../statistics/models/fit-groups.ts';
import { fitGammaGamma, type GammaGammaParameters } from '../../statistics/models/gamma-gamma.ts';
import { mbgNbd } from '../../statistics/models/mbg-nbd.ts';
import { checkSpendIndependence } from '../../statistics/models/spend-independence.ts';
import { addDays } from './churn-backtest.ts';
import { countEvents } from './count-events.ts';
import { type Histories, loadHistories } from './load-histories.ts';
import { loadOutcomes } from './load-outcomes.ts';
import { proposeBands } from './risk/propose-bands.ts';
import type { PurchaseRiskModel } from './risk/risk-model.ts';
import { scoreAges } from './risk/score.ts';
import type { ChurnSettings } from './settings.ts';

/** How a model did on the window that ended with the fit, fitted on what was known before it. */
export interface BacktestSummary {
  from: string;
  customers: number;
  baseRate: number;
  auc: number | null;
  brier: number;
  recencyBrier: number | null;
  calibrationError: number;
  purchases: Totals;
  value: Totals | null;
  /** The Brier score of the model in force on the same window; null where there was none. */
  brierOfActive: number | null;
}

/** What a model rests on. */
export interface ModelEvidence {
  customers: number;
  /** Days with activity after the first ones. */
  repeats: number;
  from: string | null;
  to: string | null;
  logLikelihood: number;
  hasPrior: boolean;
  isCalibrated: boolean;
  /** Events known of the workspace then: how much has come since decides when to fit anew. */
  events: number;
  /** How the value of purchases goes with their number; it should not. Null where too little is known. */
  spendCorrelation: number | null;
  backtest: BacktestSummary | null;
}

export interface FittedModel {
  definition: PurchaseRiskModel;
  evidence: ModelEvidence;
}

/** So many customers tell as much of calibration and bands as all. */
const sampleSize = 20_000;

const noCalibration = { slope: 1, intercept: 0 };

interface FitOptions extends Pick<ChurnSettings, 'activity' | 'horizonDays'> {
  timeZone: string;
  now: Date;
  active: PurchaseRiskModel | null;
}

/**
 * Fits a model to all that is known by now: purchase rates and drop-out by MBG/NBD, spend by Gamma-Gamma; its
 * calibration and its bands to what came of forecasts in the windows just gone by, where they are long enough
 * ago to know.
 */
export async function fitRiskModel(
  sql: Sql,
  workspaceId: string,
  options: FitOptions,
): Promise<FittedModel | Insufficient> {
  const histories = await loadHistories(sql, workspaceId, options);
  const fitted = fitGroups(mbgNbd, histories.groups);
  if ('reason' in fitted) return fitted;
  const { parameters, logLikelihood, hasPrior, n } = fitted;
  const lastWindow = await backtestLastWindow(sql, workspaceId, {
    ...options,
    share: sampleSize / n,
  });
  const { activity, horizonDays } = options;
  const definition: PurchaseRiskModel = {
    activity,
    horizonDays,
    parameters,
    calibration: lastWindow.calibration ?? noCalibration,
    bands: proposeBands(lastWindow.backtest?.forecasts ?? []),
    spend: fitSpend(histories),
  };
  const evidence: ModelEvidence = {
    customers: n,
    repeats: histories.groups.reduce((sum, { x, count }) => sum + x * count, 0),
    from: histories.from,
    to: histories.to,
    logLikelihood,
    hasPrior,
    isCalibrated: lastWindow.calibration !== null,
    events: await countEvents(sql, workspaceId),
    spendCorrelation: correlationOf(histories),
    backtest: lastWindow.backtest && summarise(lastWindow.backtest, lastWindow, options),
  };
  return { definition, evidence };
}

function fitSpend({ spends }: Histories): GammaGammaParameters | null {
  const customers = spends.reduce((sum, { count = 1 }) => sum + count, 0);
  const fitted = customers < fewestRepeats ? undefined : fitGammaGamma(spends);
  return fitted?.converged ? fitted.parameters : null;
}

const correlationOf = ({ spends }: Histories) =>
  spends.length === 0 ? null : checkSpendIndependence(spends).correlation;

interface BacktestedWindow {
  from: string;
  customers: readonly BacktestCustomer[];
  calibration: PurchaseRiskModel['calibration'] | null;
  backtest: Backtest | null;
}

/** The last window of which the outcome is known, calibrated by the one before it. */
async function backtestLastWindow(
  sql: Sql,
  workspaceId: string,
  { activity, horizonDays, timeZone, now, share }: FitOptions & { share: number },
): Promise<BacktestedWindow> {
  const today = dayOf(now, timeZone);
  const from = addDays(today, -horizonDays);
  const load = (day: string) =>
    loadOutcomes(sql, workspaceId, { from: day, horizonDays, activity, share });
  const customers = await load(from);
  const earlier = await load(addDays(from, -horizonDays));
  const backtest = runBacktest(mbgNbd, customers, { horizonDays, earlier });
  const calibration = calibrateBy(mbgNbd, customers, horizonDays);
  return { from, customers, calibration, backtest: 'reason' in backtest ? null : backtest };
}

function summarise(
  { forecasts, purchases, values, recencyBrier }: Backtest,
  { from, customers }: BacktestedWindow,
  { active }: FitOptions,
): BacktestSummary {
  return {
    from,
    customers: customers.length,
    baseRate: baseRateOf(forecasts),
    auc: areaUnderCurve(forecasts),
    brier: brierScore(forecasts),
    recencyBrier,
    calibrationError: calibrationError(forecasts),
    purchases: totalsOf(purchases),
    value: values && totalsOf(values),
    brierOfActive: active && brierScore(toForecasts(active, customers)),
  };
}

const toForecasts = (model: PurchaseRiskModel, customers: readonly BacktestCustomer[]) =>
  customers.map((customer) => ({
    score: scoreAges(model, customer),
    outcome: customer.actualDays === 0,
  }));
