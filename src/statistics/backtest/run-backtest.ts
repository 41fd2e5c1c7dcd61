import {
  fitGroups,
  type InsufficientSample,
  minCustomers,
  minRepeats,
} from '../models/fit-groups.ts';
import { expectedValue, fitGammaGamma, type GammaGammaParameters } from '../models/gamma-gamma.ts';
import { fitLogistic, predictLogistic } from '../models/logistic-regression.ts';
import { type Calibration, calibrate, fitCalibration } from '../models/platt-scaling.ts';
import { groupHistories, type PurchaseHistory } from '../models/purchase-history.ts';
import type { PurchaseModel } from '../models/purchase-model.ts';
import type { Forecast } from './forecast.ts';
import { brierScore } from './proper-scores.ts';
import type { OutcomeTotal } from './totals.ts';

/** A customer as known on the first day of a window, and what it did in the window. Times in days. */
export interface BacktestCustomer extends PurchaseHistory {
  /** Mean value of the repeat purchase days, in minor units; null without any of value. */
  m: number | null;
  /** Days with a purchase in the window, and the value of them in minor units. */
  actualDays: number;
  actualValue: number;
}

export interface Backtest {
  customers: number;
  fit: { parameters: object; logLikelihood: number; n: number; hasPrior: boolean };
  /** How raw scores were corrected, by the window before; null if it had too little to learn from. */
  calibration: Calibration | null;
  /** P(no purchase within the horizon), calibrated, and whether there was none. */
  forecasts: Forecast[];
  /** Expected and actual days with a purchase. */
  purchases: OutcomeTotal[];
  /** Expected and actual value in minor units; null if too little is known of what customers spend. */
  values: OutcomeTotal[] | null;
  /** Days since the last purchase, a score that can only rank, and whether there was no purchase. */
  recency: Forecast[];
  /** The Brier score of days since the last purchase alone, fitted on the window before. */
  recencyBrier: number | null;
}

/**
 * Fits a model on what was known before a window and holds it against the window. `earlier` is the window
 * before: scores are calibrated on its outcomes, which lie before the window like everything else that may
 * have a say.
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

/** How the scores of a model are to be corrected by what came of a window; null with too little to learn from. */
export function calibrateOn<P extends object>(
  model: PurchaseModel<P>,
  earlier: readonly BacktestCustomer[],
  horizonDays: number,
): Calibration | null {
  const fitted = fitModel(model, earlier);
  if ('reason' in fitted) return null;
  const found = fitCalibration(score(model, fitted.parameters, earlier, horizonDays));
  return found.converged ? found.calibration : null;
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

/** Spend is known of those who came back; of the others the mean of all is expected. */
function toValues(
  customers: readonly BacktestCustomer[],
  purchases: readonly OutcomeTotal[],
): OutcomeTotal[] | null {
  const spends = customers.flatMap(({ x, m }) => (x > 0 && m !== null ? [{ x, m }] : []));
  const fitted = spends.length < minRepeats ? undefined : fitGammaGamma(spends);
  if (!fitted?.converged) return null;
  const { parameters } = fitted;
  return customers.map((customer, index) => ({
    x: customer.x,
    expected: (purchases[index]?.expected ?? 0) * valuePerPurchase(parameters, customer),
    actual: customer.actualValue,
  }));
}

const valuePerPurchase = (parameters: GammaGammaParameters, { x, m }: BacktestCustomer) =>
  expectedValue(parameters, m === null ? { x: 0, m: 0 } : { x, m });
