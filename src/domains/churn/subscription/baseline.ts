import { demandPositive, demandWhole } from '../../../statistics/models/demand.ts';
import { estimateSurvival, type SurvivalStep } from '../../../statistics/models/kaplan-meier.ts';
import type { LogNormalPrior } from '../../../statistics/models/log-normal-prior.ts';
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

/** Renewals without regard to who renews: the model of each plan, from the prior alone if need be. */
export interface PlanBaseline {
  /** Whose renewals it was fitted to: the plan's, those of all plans, or none at all. */
  readonly source: 'PLAN' | 'POOLED' | 'PRIOR';
  readonly parameters: Readonly<ShiftedBetaGeometricParameters>;
  /** Subscriptions in the fit, and those of them that were lost. */
  readonly subscriptions: number;
  readonly lost: number;
}

/** Plain numbers and strings, to be stored as JSON. */
export interface Baseline {
  readonly pooled: PlanBaseline;
  /** The plans that have enough subscriptions for a fit of their own. */
  readonly plans: readonly (PlanBaseline & { readonly plan: string })[];
}

/** What is used of a row of the person-period table. */
export type BaselineRow = Pick<
  RenewalRow,
  'customer' | 'startedAt' | 'plan' | 'renewals' | 'isLost'
>;

/**
 * alpha and beta between those of the two cohorts of Fader & Hardie (2007), High End (.67, 3.81) and Regular
 * (.70, 1.18): one in four does not make the first renewal. Either cohort lies within one sd.
 */
const prior: LogNormalPrior<ShiftedBetaGeometricParameters> = {
  centres: { alpha: 0.7, beta: 2.1 },
  sd: 1,
};
/** From here on the data speak for themselves. */
const maxSubscriptionsWithPrior = 500;

/**
 * The shifted beta-geometric model (Fader & Hardie 2007) of each plan with 100 subscriptions of which 30 were
 * lost, and of all together. A subscription counts for the plan it last had.
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

/** The last row of each subscription: how far it came, and on which plan. */
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
  const fit = fitShiftedBetaGeometric(
    groups,
    subscriptions < maxSubscriptionsWithPrior ? { prior } : {},
  );
  if (!fit.converged) return undefined;
  return { source, parameters: fit.parameters, subscriptions, lost: lostOf(groups) };
}

/** The baseline of a plan; the pooled one where it has none of its own. */
export const selectBaseline = ({ plans, pooled }: Baseline, plan: string | null): PlanBaseline =>
  plans.find((one) => one.plan === plan) ?? pooled;

/**
 * P(no renewal at the next opportunity) of anybody who made so many renewals: alpha / (alpha + beta + renewals).
 * @throws InvalidArgument unless that is a whole number
 */
export const baselineHazard = ({ parameters }: PlanBaseline, renewals: number): number =>
  1 - retentionRate(parameters, renewals + 1);

/** One renewal of a cohort. */
export interface RetentionPoint {
  /** The first one is 1. */
  renewal: number;
  /** The share of those who came so far that makes it. */
  retention: number;
  /** The share of all that makes it. */
  survival: number;
}

/** @throws InvalidArgument unless `last` is a whole number */
export function retentionCurve({ parameters }: PlanBaseline, last: number): RetentionPoint[] {
  demandWhole('The last renewal', last);
  return Array.from({ length: last }, (_, i) => ({
    renewal: i + 1,
    retention: retentionRate(parameters, i + 1),
    survival: renewalSurvival(parameters, i + 1),
  }));
}

/**
 * What is still to be earned from who made so many renewals, the next one now due: margin per period ×
 * discounted expected residual lifetime, in the unit of the margin.
 * @throws InvalidArgument unless margin and discount per period are above 0
 */
export function residualValue(
  { parameters }: PlanBaseline,
  { renewals, margin, discount }: { renewals: number; margin: number; discount: number },
): number {
  demandPositive('The margin per period', margin);
  return margin * discountedResidualLifetime(parameters, { period: renewals + 1, discount });
}

/** Kaplan-Meier over renewals made, with Greenwood's intervals, of each plan that a subscription last had. */
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
