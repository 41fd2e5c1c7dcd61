import type { Transaction } from '../../platform/database.ts';
import { msPerDay } from '../../platform/time/ms-per-day.ts';
import { withoutNestedLoops } from '../../platform/without-nested-loops.ts';
import { areaUnderCurve } from '../../statistics/backtest/area-under-curve.ts';
import { baseRateOf, type Forecast } from '../../statistics/backtest/forecast.ts';
import { brierScore } from '../../statistics/backtest/proper-scores.ts';
import { calibrationError } from '../../statistics/backtest/reliability.ts';
import { countEvents } from './count-events.ts';
import { loadSubscriptions } from './load-subscriptions.ts';
import { proposeBands } from './risk/propose-bands.ts';
import type { SubscriptionRiskModel } from './risk/risk-model.ts';
import {
  type Baseline,
  baselineHazard,
  fitBaseline,
  selectBaseline,
} from './subscription/baseline.ts';
import { fitLateness } from './subscription/lateness.ts';
import {
  backtestModel,
  backtestRenewals,
  fitRenewalHazard,
} from './subscription/renewal-hazard.ts';
import { type RenewalRow, renewalRows } from './subscription/renewal-rows.ts';

/** The back-test of a model on the renewals of the latest quarter; the model was fitted on earlier renewals. */
export interface RenewalSummary {
  from: string;
  renewals: number;
  /** The share of renewals that was lost. */
  baseRate: number;
  auc: number | null;
  brier: number;
  brierOfBaseline: number;
  /** Brier score of the active model on the same renewals; null without one. */
  brierOfActive: number | null;
  calibrationError: number;
}

export interface SubscriptionEvidence {
  customers: number;
  /** Decided renewals. */
  decided: number;
  lost: number;
  events: number;
  backtest: RenewalSummary | null;
  /** Why the model has no hazard. */
  missing: string | null;
}

const aQuarter = 91 * msPerDay;

interface SubscriptionFitOptions {
  timeZone: string;
  now: Date;
  /** The active model. */
  active: SubscriptionRiskModel | null;
}

/** Fits the hazard of renewals and the baseline, which covers plans with little data. */
export async function fitSubscriptionModel(
  db: Transaction,
  { timeZone, now, active }: SubscriptionFitOptions,
): Promise<
  { definition: SubscriptionRiskModel; evidence: SubscriptionEvidence } | { message: string }
> {
  const histories = await withoutNestedLoops(db, () => loadSubscriptions(db, { until: now }));
  if (histories.length === 0) {
    return {
      message:
        'The workspace has no subscriptions. Send `Subscription Started` and `Subscription Renewed`.',
    };
  }
  const rows = renewalRows(histories, { until: now.getTime(), timeZone });
  const fitted = fitRenewalHazard(rows);
  const from = now.getTime() - aQuarter;
  const backtest = summarise(rows, from, active);
  const baseline = fitBaseline(rows);
  return {
    definition: {
      hazard: fitted.converged ? fitted.model : null,
      baseline,
      lateness: fitLateness(rows),
      bands: proposeBands(backtest?.forecasts ?? predict(rows, baseline)),
    },
    evidence: {
      customers: histories.length,
      decided: rows.length,
      lost: rows.filter(({ isLost }) => isLost).length,
      events: await countEvents(db),
      backtest: backtest?.summary ?? null,
      missing: fitted.converged ? null : fitted.message,
    },
  };
}

/** Forecasts by plan and tenure alone, from which bands are derived while no hazard can be back-tested. */
const predict = (rows: readonly RenewalRow[], baseline: Baseline): Forecast[] =>
  rows.map(({ plan, renewals, isLost }) => ({
    score: baselineHazard(selectBaseline(baseline, plan), renewals),
    outcome: isLost,
  }));

function summarise(
  rows: readonly RenewalRow[],
  from: number,
  active: SubscriptionRiskModel | null,
): { summary: RenewalSummary; forecasts: Forecast[] } | null {
  const backtest = backtestRenewals(rows, from);
  if (!('hazard' in backtest) || backtest.hazard.length === 0) return null;
  const { hazard, baseline } = backtest;
  const byActive = active?.hazard ? backtestModel(active.hazard, rows, from) : null;
  const summary = {
    from: new Date(from).toISOString(),
    renewals: hazard.length,
    baseRate: baseRateOf(hazard),
    auc: areaUnderCurve(hazard),
    brier: brierScore(hazard),
    brierOfBaseline: brierScore(baseline),
    brierOfActive: byActive && brierScore(byActive),
    calibrationError: calibrationError(hazard),
  };
  return { summary, forecasts: hazard };
}
