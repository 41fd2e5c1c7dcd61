import { estimateSurvival, type SurvivalStep } from '../../../statistics/models/kaplan-meier.ts';
import type { LogNormalPrior } from '../../../statistics/models/log-normal-prior.ts';
import { requireInteger, requirePositive } from '../../../statistics/models/require.ts';
import {
  discountedResidualLifetime,
  fitShiftedBetaGeometric,
  type RenewalGroup,
  renewalSurvival,
  retentionRate,
  type ShiftedBetaGeometricParameters,
} from '../../../statistics/models/shifted-beta-geometric.ts';
import type { RenewalRow } from './renewal-rows.ts';
import { minDecided, minPerOutcome } from './sufficiency.ts';

/** The renewal model of a plan, independent of the customer; the prior alone without data. */
export interface PlanBaseline {
  /** The data of the fit: renewals of the plan, of all plans, or none. */
  readonly source: 'PLAN' | 'POOLED' | 'PRIOR';
  readonly parameters: Readonly<ShiftedBetaGeometricParameters>;
  /** Subscriptions in the fit, and the lost ones among them. */
  readonly subscriptions: number;
  readonly lost: number;
}

/** The renewal models of a workspace: plain numbers and strings, to be stored as JSON. */
export interface Baseline {
  readonly pooled: PlanBaseline;
  /** The plans with enough subscriptions for their own fit. */
  readonly plans: readonly (PlanBaseline & { readonly plan: string })[];
}

/** The fields of the person-period table that the fit uses. */
export type BaselineRow = Pick<
  RenewalRow,
  'customer' | 'startedAt' | 'plan' | 'renewals' | 'isLost'
>;

/**
 * alpha and beta between those of the two cohorts of Fader & Hardie (2007), High End (.67, 3.81) and Regular
 * (.70, 1.18): one in four does not make the first renewal. Both cohorts lie within one sd.
 */
const prior: LogNormalPrior<ShiftedBetaGeometricParameters> = {
  centres: { alpha: 0.7, beta: 2.1 },
  sd: 1,
};
/** From this number of subscriptions on, a fit is tried without the prior. */
const maxSubscriptionsWithPrior = 500;

/**
 * Fits the shifted beta-geometric model (Fader & Hardie 2007) to each plan with at least 100 subscriptions of
 * which 30 were lost, and to all plans pooled. A subscription counts for its last plan.
 */
export function fitBaseline(rows: readonly BaselineRow[]): Baseline {
  const last = lastRows(rows);
  const pooled = fitGroups(toGroups(last), 'POOLED') ?? {
    source: 'PRIOR',
    parameters: prior.centres,
    subscriptions: 0,
    lost: 0,
  };
  const plans = [...Map.groupBy(last, ({ plan }) => plan)].flatMap(([plan, planRows]) => {
    const groups = toGroups(planRows);
    const fitted = hasEnough(groups) ? fitGroups(groups, 'PLAN') : undefined;
    return fitted && plan !== null ? [{ plan, ...fitted }] : [];
  });
  return { pooled, plans };
}

/** The last row of each subscription. */
function lastRows(rows: readonly BaselineRow[]): BaselineRow[] {
  const last = new Map<string, BaselineRow>();
  for (const row of rows) {
    const key = JSON.stringify([row.customer, row.startedAt]);
    const known = last.get(key);
    if (!known || row.renewals > known.renewals) last.set(key, row);
  }
  return [...last.values()];
}

function toGroups(last: readonly BaselineRow[]): RenewalGroup[] {
  const groups = new Map<string, RenewalGroup>();
  for (const { renewals: before, isLost } of last) {
    const renewals = isLost ? before : before + 1;
    const key = `${renewals} ${isLost}`;
    const count = (groups.get(key)?.count ?? 0) + 1;
    groups.set(key, { renewals, isLost, count });
  }
  return [...groups.values()];
}

const countOf = (groups: readonly RenewalGroup[]) =>
  groups.reduce((sum, { count }) => sum + count, 0);
const lostOf = (groups: readonly RenewalGroup[]) => countOf(groups.filter(({ isLost }) => isLost));

const hasEnough = (groups: readonly RenewalGroup[]) =>
  countOf(groups) >= minDecided && lostOf(groups) >= minPerOutcome;

function fitGroups(
  groups: readonly RenewalGroup[],
  source: 'PLAN' | 'POOLED',
): PlanBaseline | undefined {
  const subscriptions = countOf(groups);
  const plain =
    subscriptions < maxSubscriptionsWithPrior ? undefined : fitShiftedBetaGeometric(groups);
  const fit = plain?.converged ? plain : fitShiftedBetaGeometric(groups, { prior });
  if (!fit.converged) return undefined;
  return { source, parameters: fit.parameters, subscriptions, lost: lostOf(groups) };
}

/** The baseline of a plan; the pooled one if the plan has no own fit. */
export const selectBaseline = ({ plans, pooled }: Baseline, plan: string | null): PlanBaseline =>
  plans.find((baseline) => baseline.plan === plan) ?? pooled;

/**
 * P(no renewal at the next opportunity) after a number of renewals: alpha / (alpha + beta + renewals).
 * @throws InvalidArgument unless `renewals` is a whole number
 */
export const baselineHazard = ({ parameters }: PlanBaseline, renewals: number): number =>
  1 - retentionRate(parameters, renewals + 1);

/** One renewal of a cohort. */
export interface RetentionPoint {
  /** Number of the renewal, from 1. */
  renewal: number;
  /** The share of subscribers with the renewal before that makes this one. */
  retention: number;
  /** The share of all subscribers that makes it. */
  survival: number;
}

/** @throws InvalidArgument unless `last` is a whole number */
export function retentionCurve({ parameters }: PlanBaseline, last: number): RetentionPoint[] {
  requireInteger('The last renewal', last);
  return Array.from({ length: last }, (_, i) => ({
    renewal: i + 1,
    retention: retentionRate(parameters, i + 1),
    survival: renewalSurvival(parameters, i + 1),
  }));
}

/**
 * The residual value of a subscriber whose next renewal is due now: margin per period × discounted expected
 * residual lifetime, in the unit of the margin.
 * @throws InvalidArgument unless margin and discount per period are above 0
 */
export function residualValue(
  { parameters }: PlanBaseline,
  { renewals, margin, discount }: { renewals: number; margin: number; discount: number },
): number {
  requirePositive('The margin per period', margin);
  return margin * discountedResidualLifetime(parameters, { period: renewals + 1, discount });
}

/** Kaplan-Meier curves over renewals made, with Greenwood's intervals, by the last plan of subscriptions. */
export function survivalByPlan(rows: readonly BaselineRow[]): Map<string | null, SurvivalStep[]> {
  const byPlan = [...Map.groupBy(lastRows(rows), ({ plan }) => plan)].map(([plan, planRows]) => {
    const lifetimes = toGroups(planRows).map(({ renewals, isLost, count }) => ({
      time: isLost ? renewals + 1 : renewals,
      hasEvent: isLost,
      count,
    }));
    return [plan, estimateSurvival(lifetimes, { interval: 'log-log' })] as const;
  });
  return new Map(byPlan);
}
