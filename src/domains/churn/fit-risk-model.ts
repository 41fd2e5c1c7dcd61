import type { Transaction } from '../../platform/database.ts';
import { dayOf } from '../../platform/time/day-of.ts';
import { areaUnderCurve } from '../../statistics/backtest/area-under-curve.ts';
import { baseRateOf } from '../../statistics/backtest/forecast.ts';
import { brierScore } from '../../statistics/backtest/proper-scores.ts';
import { calibrationError } from '../../statistics/backtest/reliability.ts';
import {
  type Backtest,
  type BacktestCustomer,
  calibrateOn,
  runBacktest,
} from '../../statistics/backtest/run-backtest.ts';
import { type ForecastTotals, totalsOf } from '../../statistics/backtest/totals.ts';
import { fitGroups, type InsufficientSample } from '../../statistics/models/fit-groups.ts';
import { mbgNbd } from '../../statistics/models/mbg-nbd.ts';
import { checkSpendIndependence } from '../../statistics/models/spend-independence.ts';
import { fitSpend, type SpendSource } from '../../statistics/models/spend-model.ts';
import { addDays } from './churn-backtest.ts';
import { countEvents } from './count-events.ts';
import { type Histories, loadHistories } from './load-histories.ts';
import { loadOutcomes } from './load-outcomes.ts';
import { proposeBands } from './risk/propose-bands.ts';
import type { PurchaseRiskModel } from './risk/risk-model.ts';
import { scoreAges } from './risk/score.ts';
import type { ChurnSettings } from './settings.ts';

/** The back-test of a model on the window that ended with the fit; the model was fitted on the data before it. */
export interface BacktestSummary {
  from: string;
  customers: number;
  baseRate: number;
  auc: number | null;
  brier: number;
  recencyBrier: number | null;
  calibrationError: number;
  purchases: ForecastTotals;
  value: ForecastTotals | null;
  /** The Brier score of the model in force on the same window; null where there was none. */
  brierOfActive: number | null;
}

/** The data and the measures behind a model. */
export interface ModelEvidence {
  customers: number;
  /** Days with activity after each customer's first. */
  repeats: number;
  from: string | null;
  to: string | null;
  logLikelihood: number;
  hasPrior: boolean;
  isCalibrated: boolean;
  /** Number of events at the time of the fit: the growth since then decides when to refit. */
  events: number;
  /** Correlation of the value of purchases with their number, which should be near 0. Null without enough data. */
  spendCorrelation: number | null;
  /** How spend was estimated; null without any. Absent from models of before, which were fitted without a prior. */
  spendSource?: SpendSource | null;
  backtest: BacktestSummary | null;
}

export interface FittedModel {
  definition: PurchaseRiskModel;
  evidence: ModelEvidence;
}

/** A sample of this size calibrates as well as all customers. */
const sampleSize = 20_000;

const noCalibration = { slope: 1, intercept: 0 };

interface FitOptions extends Pick<ChurnSettings, 'activity' | 'horizonDays'> {
  timeZone: string;
  now: Date;
  active: PurchaseRiskModel | null;
}

/**
 * Fits a model to all present data: purchase rates and drop-out by MBG/NBD, spend by Gamma-Gamma or less. Calibration
 * and bands are fitted to the outcomes of forecasts in the last two windows, if they are known.
 */
export async function fitRiskModel(
  db: Transaction,
  options: FitOptions,
): Promise<FittedModel | InsufficientSample> {
  const histories = await loadHistories(db, options);
  const fitted = fitGroups(mbgNbd, histories.groups);
  if ('reason' in fitted) return fitted;
  const { parameters, logLikelihood, hasPrior, n } = fitted;
  const lastWindow = await backtestLastWindow(db, {
    ...options,
    share: sampleSize / n,
  });
  const { activity, horizonDays } = options;
  const spend = fitSpend(histories.spends);
  const definition: PurchaseRiskModel = {
    activity,
    horizonDays,
    parameters,
    calibration: lastWindow.calibration ?? noCalibration,
    bands: proposeBands(lastWindow.backtest?.forecasts ?? []),
    spend: spend?.model ?? null,
  };
  const evidence: ModelEvidence = {
    customers: n,
    repeats: histories.groups.reduce((sum, { x, count }) => sum + x * count, 0),
    from: histories.from,
    to: histories.to,
    logLikelihood,
    hasPrior,
    isCalibrated: lastWindow.calibration !== null,
    events: await countEvents(db),
    spendCorrelation: correlationOf(histories),
    spendSource: spend?.source ?? null,
    backtest: lastWindow.backtest && summarise(lastWindow.backtest, lastWindow, options),
  };
  return { definition, evidence };
}

const correlationOf = ({ spends }: Histories) =>
  spends.length === 0 ? null : checkSpendIndependence(spends).correlation;

interface BacktestedWindow {
  from: string;
  customers: readonly BacktestCustomer[];
  calibration: PurchaseRiskModel['calibration'] | null;
  backtest: Backtest | null;
}

/** Back-tests the last window whose outcome is known, calibrated by the window before it. */
async function backtestLastWindow(
  db: Transaction,
  { activity, horizonDays, timeZone, now, share }: FitOptions & { share: number },
): Promise<BacktestedWindow> {
  const today = dayOf(now, timeZone);
  const from = addDays(today, -horizonDays);
  const load = (day: string) => loadOutcomes(db, { from: day, horizonDays, activity, share });
  const customers = await load(from);
  const earlier = await load(addDays(from, -horizonDays));
  const backtest = runBacktest(mbgNbd, customers, { horizonDays, earlier });
  const calibration = calibrateOn(mbgNbd, customers, horizonDays);
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
