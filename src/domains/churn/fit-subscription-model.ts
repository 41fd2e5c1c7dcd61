import type { Sql } from '../../platform/database.ts';
import { overEverybody } from '../../platform/over-everybody.ts';
import { msPerDay } from '../../platform/time/ms-per-day.ts';
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

/** How a model did on the renewals of the latest quarter, fitted on those decided before. */
export interface RenewalSummary {
  from: string;
  renewals: number;
  /** The part of them that was lost. */
  baseRate: number;
  auc: number | null;
  brier: number;
  brierOfBaseline: number;
  /** Of the model in force on the same renewals; null where there was none. */
  brierOfActive: number | null;
  calibrationError: number;
}

export interface SubscriptionEvidence {
  customers: number;
  /** Renewals that were decided. */
  decided: number;
  lost: number;
  events: number;
  backtest: RenewalSummary | null;
  /** Why there is no hazard. */
  missing: string | null;
}

const aQuarter = 91 * msPerDay;

interface SubscriptionFitOptions {
  timeZone: string;
  now: Date;
  /** The model in force. */
  active: SubscriptionRiskModel | null;
}

/** Fits the hazard of renewals and, for plans of which little is known, the baseline. */
export async function fitSubscriptionModel(
  sql: Sql,
  workspaceId: string,
  { timeZone, now, active }: SubscriptionFitOptions,
): Promise<
  { definition: SubscriptionRiskModel; evidence: SubscriptionEvidence } | { message: string }
> {
  const histories = await overEverybody(sql, () =>
    loadSubscriptions(sql, workspaceId, { until: now }),
  );
  if (histories.length === 0) {
    return {
      message:
        'There are no subscriptions: send `Subscription Started` and `Subscription Renewed`.',
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
      events: await countEvents(sql, workspaceId),
      backtest: backtest?.summary ?? null,
      missing: fitted.converged ? null : fitted.message,
    },
  };
}

/** By plan and tenure alone: where bands begin as long as no hazard can be held against the past. */
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
  const backtest_ = backtestRenewals(rows, from);
  if (!('hazard' in backtest_) || backtest_.hazard.length === 0) return null;
  const { hazard, baseline } = backtest_;
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
