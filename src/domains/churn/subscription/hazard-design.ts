import type { LogisticRow } from '../../../statistics/models/logistic-design.ts';

/** The predictors of a renewal: the plan and a number for each measure. */
export interface RenewalCase<M extends string> {
  /** Null if unknown. */
  plan: string | null;
  measures: Readonly<Record<M, number>>;
}

/** A decided renewal. */
export interface HazardCase<M extends string> extends RenewalCase<M> {
  isLost: boolean;
  /** Number of identical cases; default 1. */
  count?: number;
}

/** The indicator features of plans: 1 for the plan and 0 for others. */
export interface PlanColumns {
  /** The most common plan, the reference level; null if every plan is too rare. */
  readonly reference: string | null;
  readonly own: readonly string[];
  /** Whether a last feature pools all rare plans. */
  readonly hasOther: boolean;
}

/** Assigns a feature to each plan with at least `minRenewals` renewals except the most common; pools the others. */
export function choosePlans(
  cases: readonly HazardCase<string>[],
  minRenewals: number,
): PlanColumns {
  const counts = new Map<string | null, number>();
  for (const { plan, count = 1 } of cases) counts.set(plan, (counts.get(plan) ?? 0) + count);
  const common = [...counts]
    .flatMap(([plan, count]) => (plan !== null && count >= minRenewals ? [{ plan, count }] : []))
    // The order of equally common plans must not depend on the order of the cases.
    .sort((left, right) => right.count - left.count || (left.plan < right.plan ? -1 : 1))
    .map(({ plan }) => plan);
  const [reference = null, ...own] = common;
  const hasOther = reference !== null && common.length < counts.size;
  return { reference, own, hasOther };
}

/** The features of a plan; null for a plan unknown to a fit without pooled plans. */
export function planFeatures(
  { reference, own, hasOther }: PlanColumns,
  plan: string | null,
): number[] | null {
  const isKnown = plan !== null && (plan === reference || own.includes(plan));
  if (!isKnown && !hasOther && reference !== null) return null;
  const indicators = own.map((one) => Number(one === plan));
  return hasOther ? [...indicators, Number(!isKnown)] : indicators;
}

/** The rows of a logistic regression: features of the plan first, then measures in the given order. */
export const toLogisticRows = <M extends string>(
  cases: readonly HazardCase<M>[],
  { plans, measures }: { plans: PlanColumns; measures: readonly M[] },
): LogisticRow[] =>
  cases.map(({ plan, measures: values, isLost, count = 1 }) => ({
    features: [...(planFeatures(plans, plan) ?? []), ...measures.map((name) => values[name])],
    outcome: isLost,
    count,
  }));
