import type { LogisticRow } from '../../../statistics/models/logistic-design.ts';

/** A renewal to be foreseen: the plan, and a number for each measure. */
export interface RenewalCase<M extends string> {
  /** Null when it is not known. */
  plan: string | null;
  measures: Readonly<Record<M, number>>;
}

/** A renewal of which it is known whether it came. */
export interface HazardCase<M extends string> extends RenewalCase<M> {
  isLost: boolean;
  /** How many alike; 1 unless said. */
  count?: number;
}

/** Which plans have a feature of their own, 1 for the plan and 0 for others. */
export interface PlanColumns {
  /** The most common plan, which the others are told apart from; null when every plan is too rare. */
  readonly reference: string | null;
  readonly own: readonly string[];
  /** Whether a last feature stands for all plans that are too rare. */
  readonly hasOther: boolean;
}

/** Gives a feature to each plan with at least `fewest` renewals but the most common; the rest is pooled. */
export function choosePlans(
  cases: readonly HazardCase<string>[],
  minRenewals: number,
): PlanColumns {
  const counts = new Map<string | null, number>();
  for (const { plan, count = 1 } of cases) counts.set(plan, (counts.get(plan) ?? 0) + count);
  const common = [...counts]
    .flatMap(([plan, count]) => (plan !== null && count >= minRenewals ? [{ plan, count }] : []))
    // Of equally common plans the order must not hang on the order of the cases.
    .sort((left, right) => right.count - left.count || (left.plan < right.plan ? -1 : 1))
    .map(({ plan }) => plan);
  const [reference = null, ...own] = common;
  const hasOther = reference !== null && common.length < counts.size;
  return { reference, own, hasOther };
}

/** The plan's features; null for a plan of which the fit knows nothing, not even as one of the rare ones. */
export function planFeatures(
  { reference, own, hasOther }: PlanColumns,
  plan: string | null,
): number[] | null {
  const isKnown = plan !== null && (plan === reference || own.includes(plan));
  if (!isKnown && !hasOther && reference !== null) return null;
  const indicators = own.map((one) => Number(one === plan));
  return hasOther ? [...indicators, Number(!isKnown)] : indicators;
}

/** The rows of a logistic regression: plan first, then measures in the given order. */
export const toLogisticRows = <M extends string>(
  cases: readonly HazardCase<M>[],
  { plans, measures }: { plans: PlanColumns; measures: readonly M[] },
): LogisticRow[] =>
  cases.map(({ plan, measures: values, isLost, count = 1 }) => ({
    features: [...(planFeatures(plans, plan) ?? []), ...measures.map((name) => values[name])],
    outcome: isLost,
    count,
  }));
