import type { Sql } from '../platform/database.ts';
import { areaUnderCurve } from './backtest/area-under-curve.ts';
import { baseRateOf, type Forecast } from './backtest/forecast.ts';
import { brierScore } from './backtest/proper-scores.ts';
import { calibrationError } from './backtest/reliability.ts';
import { loadSubscriptions } from './load-subscriptions.ts';
import { type Baseline, fitBaseline } from './subscription/baseline.ts';
import type { HazardModel } from './subscription/hazard-model.ts';
import { backtestRenewals, fitRenewalHazard } from './subscription/renewal-hazard.ts';
import type { RenewalMeasure } from './subscription/renewal-measures.ts';
import { renewalRows } from './subscription/renewal-rows.ts';

/** What the renewals of a workspace are foretold by. Never changed once stored. */
export interface SubscriptionModel {
  /** Null as long as there are too few decided renewals: the baseline of the plan has to do. */
  hazard: HazardModel<RenewalMeasure> | null;
  baseline: Baseline;
}

/** How a model did on the renewals of the latest quarter, fitted on those decided before. */
export interface RenewalSummary {
  from: string;
  renewals: number;
  /** The part of them that was lost. */
  baseRate: number;
  auc: number | null;
  brier: number;
  brierOfBaseline: number;
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

const aQuarter = 91 * 86_400_000;

/** Fits the hazard of renewals and, for plans of which little is known, the baseline. */
export async function fitSubscriptionModel(
  sql: Sql,
  workspaceId: string,
  { timeZone, now }: { timeZone: string; now: Date },
): Promise<
  { definition: SubscriptionModel; evidence: SubscriptionEvidence } | { message: string }
> {
  const histories = await loadSubscriptions(sql, workspaceId, { until: now });
  if (histories.length === 0) {
    return {
      message:
        'There are no subscriptions: send `Subscription Started` and `Subscription Renewed`.',
    };
  }
  const rows = renewalRows(histories, { until: now.getTime(), timeZone });
  const fitted = fitRenewalHazard(rows);
  const from = now.getTime() - aQuarter;
  const held = backtestRenewals(rows, from);
  return {
    definition: { hazard: fitted.converged ? fitted.model : null, baseline: fitBaseline(rows) },
    evidence: {
      customers: histories.length,
      decided: rows.length,
      lost: rows.filter(({ isLost }) => isLost).length,
      events: histories.reduce((sum, { events }) => sum + events.length, 0),
      backtest: 'hazard' in held && held.hazard.length > 0 ? summarise(held, from) : null,
      missing: fitted.converged ? null : fitted.message,
    },
  };
}

function summarise(
  { hazard, baseline }: { hazard: Forecast[]; baseline: Forecast[] },
  from: number,
): RenewalSummary {
  return {
    from: new Date(from).toISOString(),
    renewals: hazard.length,
    baseRate: baseRateOf(hazard),
    auc: areaUnderCurve(hazard),
    brier: brierScore(hazard),
    brierOfBaseline: brierScore(baseline),
    calibrationError: calibrationError(hazard),
  };
}
