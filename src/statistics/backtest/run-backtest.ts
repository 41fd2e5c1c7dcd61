import { fitGroups, type InsufficientSample, minCustomers } from '../models/fit-groups.ts';
import { fitLogistic, predictLogistic } from '../models/logistic-regression.ts';
import { type Calibration, calibrate, fitCalibration } from '../models/platt-scaling.ts';
import { groupHistories, type PurchaseHistory } from '../models/purchase-history.ts';
import type { PurchaseModel } from '../models/purchase-model.ts';
import { expectedSpend, fitSpend, type SpendModel } from '../models/spend-model.ts';
import type { Forecast } from './forecast.ts';
import { brierScore } from './proper-scores.ts';
import type { OutcomeTotal } from './totals.ts';

/** A customer's history before a window, and its activity in the window. Times in days. */
export interface BacktestCustomer extends PurchaseHistory {
  /** Days before the window whose value is known. */
  valuedDays: number;
  /** Mean value of these days except the first, in minor units; null without any value. */
  m: number | null;
  /** Days with a purchase in the window, and their value in minor units. */
  actualDays: number;
  actualValue: number;
}

export interface Backtest {
  customers: number;
  fit: { parameters: object; logLikelihood: number; n: number; hasPrior: boolean };
  /** The calibration of raw scores on the previous window; null if that has too little data. */
  calibration: Calibration | null;
  /** Calibrated P(no purchase within the horizon), and whether there was none. */
  forecasts: Forecast[];
  /** Expected and actual days with a purchase. */
  purchases: OutcomeTotal[];
  /** Expected and actual value in minor units; null without any repeat purchase. */
  values: OutcomeTotal[] | null;
  /** Days since the last purchase as a ranking score, and whether there was no purchase. */
  recency: Forecast[];
  /** The Brier score of a model with only the days since the last purchase, fitted on the previous window. */
  recencyBrier: number | null;
}

/**
 * Fits a model to the data before a window and compares its predictions with the window. `earlier` is the previous
 * window, whose outcomes calibrate the scores: no data of the window itself is used.
 */
export function runBacktest<P extends object>(
  model: PurchaseModel<P>,
  customers: readonly BacktestCustomer[],
  { horizonDays, earlier }: { horizonDays: number; earlier: readonly BacktestCustomer[] },
): Backtest | InsufficientSample {
  const fitted = fitModel(model, customers);
  if ('reason' in fitted) return fitted;
  const { parameters, logLikelihood, n, hasPrior } = fitted;
  const raw = score(model, parameters, customers, horizonDays);
  const calibration = calibrateOn(model, earlier, horizonDays);
  const forecasts = calibration
    ? raw.map(({ score, outcome }) => ({ score: calibrate(calibration, score), outcome }))
    : raw;
  const purchases = customers.map((customer) => ({
    x: customer.x,
    expected: model.expectedPurchases(parameters, customer, horizonDays),
    actual: customer.actualDays,
  }));
  return {
    customers: customers.length,
    fit: { parameters, logLikelihood, n, hasPrior },
    calibration,
    forecasts,
    purchases,
    values: toValues(customers, purchases),
    recency: customers.map(({ tx, T, actualDays }) => ({
      score: T - tx,
      outcome: actualDays === 0,
    })),
    recencyBrier: recencyBrier(customers, earlier),
  };
}

const fitModel = <P extends object>(
  model: PurchaseModel<P>,
  customers: readonly BacktestCustomer[],
) => fitGroups(model, groupHistories(customers));

const score = <P>(
  model: PurchaseModel<P>,
  parameters: P,
  customers: readonly BacktestCustomer[],
  horizonDays: number,
): Forecast[] =>
  customers.map((customer) => ({
    score: model.pSilent(parameters, customer, horizonDays),
    outcome: customer.actualDays === 0,
  }));

/** Calibrates the scores of a model on the outcomes of a window; null with too little data. */
export function calibrateOn<P extends object>(
  model: PurchaseModel<P>,
  earlier: readonly BacktestCustomer[],
  horizonDays: number,
): Calibration | null {
  const fitted = fitModel(model, earlier);
  if ('reason' in fitted) return null;
  const fit = fitCalibration(score(model, fitted.parameters, earlier, horizonDays));
  return fit.converged ? fit.calibration : null;
}

const recencyOf = ({ tx, T }: PurchaseHistory) => [Math.log1p(T - tx)];

function recencyBrier(
  customers: readonly BacktestCustomer[],
  earlier: readonly BacktestCustomer[],
): number | null {
  const rows = earlier.map((one) => ({ features: recencyOf(one), outcome: one.actualDays === 0 }));
  const fitted = earlier.length < minCustomers ? undefined : fitLogistic(rows);
  if (!fitted?.converged) return null;
  const { model } = fitted;
  return brierScore(
    customers.map((one) => ({
      score: predictLogistic(model, recencyOf(one)),
      outcome: one.actualDays === 0,
    })),
  );
}

/**
 * Fits spend on customers with repeat purchases; for the others the population mean is expected. Of the expected
 * purchases, as large a share has a value as of those before the window.
 */
function toValues(
  customers: readonly BacktestCustomer[],
  purchases: readonly OutcomeTotal[],
): OutcomeTotal[] | null {
  const spends = customers.flatMap((customer) => spendOf(customer) ?? []);
  const fitted = fitSpend(spends);
  return (
    fitted &&
    customers.map((customer, index) => ({
      x: customer.x,
      expected: (purchases[index]?.expected ?? 0) * valuePerPurchase(fitted.model, customer),
      actual: customer.actualValue,
    }))
  );
}

const spendOf = ({ valuedDays, m }: BacktestCustomer) =>
  valuedDays > 1 && m !== null ? { x: valuedDays - 1, m } : null;

const valuePerPurchase = (model: SpendModel, customer: BacktestCustomer) =>
  (customer.valuedDays / (customer.x + 1)) * expectedSpend(model, spendOf(customer));
