import { InvalidArgument } from '../refusals.ts';

/** Subjects observed until `time`, when the event happened or observation ended (censored). */
export interface SurvivalTime {
  time: number;
  hasEvent: boolean;
  /** The number of subjects. Default: 1. */
  count?: number;
}

/** The estimate from this time until the next distinct time, with an event or only censored subjects. */
export interface SurvivalStep {
  time: number;
  /** Subjects at risk just before this time. */
  atRisk: number;
  events: number;
  censored: number;
  /** S(time), after the events at this time. */
  survival: number;
  /** Greenwood's standard error of S; null where S is 0, for which it is undefined. */
  standardError: number | null;
  lower: number | null;
  upper: number | null;
}

const quantiles = { 0.9: 1.6448536269514722, 0.95: 1.959963984540054, 0.99: 2.5758293035489004 };

interface Options {
  level?: keyof typeof quantiles;
  /**
   * The scale on which the interval is symmetric: `log`, the default of R's survival package, or `log-log`, which stays
   * within 0 and 1 without truncation.
   */
  interval?: 'log' | 'log-log' | 'plain';
}

/**
 * The product-limit estimate of survival (Kaplan & Meier 1958) with Greenwood's intervals, one step per distinct time.
 * Subjects censored at a time were at risk of the events at that time. Without lifetimes there are no steps.
 * @throws InvalidArgument for a negative or infinite time or count
 */
export function estimateSurvival(
  lifetimes: readonly SurvivalTime[],
  { level = 0.95, interval = 'log' }: Options = {},
): SurvivalStep[] {
  const times = tally(lifetimes);
  let atRisk = times.reduce((sum, { events, censored }) => sum + events + censored, 0);
  let survival = 1;
  let greenwood = 0;
  return times.map(({ time, events, censored }) => {
    const before = atRisk;
    // Rounding errors in weighted counts must not leave a survival above 0.
    const isLast = events >= before * (1 - 1e-12);
    survival = isLast ? 0 : survival * (1 - events / before);
    if (!isLast) greenwood += events / (before * (before - events));
    atRisk -= events + censored;
    const bounds = boundsOf(survival, Math.sqrt(greenwood), { z: quantiles[level], interval });
    return { time, atRisk: before, events, censored, survival, ...bounds };
  });
}

function tally(lifetimes: readonly SurvivalTime[]) {
  const byTime = new Map<number, { time: number; events: number; censored: number }>();
  for (const { time, hasEvent, count = 1 } of lifetimes) {
    if (!(time >= 0 && time < Number.POSITIVE_INFINITY)) {
      throw new InvalidArgument('A lifetime', 'a finite time of at least 0', time);
    }
    if (!(count > 0 && count < Number.POSITIVE_INFINITY)) {
      throw new InvalidArgument('A count of lifetimes', 'a finite number above 0', count);
    }
    const known = byTime.get(time) ?? { time, events: 0, censored: 0 };
    known[hasEvent ? 'events' : 'censored'] += count;
    byTime.set(time, known);
  }
  return [...byTime.values()].sort((left, right) => left.time - right.time);
}

function boundsOf(
  survival: number,
  relativeError: number,
  { z, interval }: { z: number; interval: NonNullable<Options['interval']> },
) {
  if (survival === 0) return { standardError: null, lower: null, upper: null };
  const standardError = survival * relativeError;
  if (relativeError === 0) return { standardError, lower: survival, upper: survival };
  const reach = z * relativeError;
  if (interval === 'plain') {
    return bounded(standardError, survival - z * standardError, survival + z * standardError);
  }
  if (interval === 'log') {
    return bounded(standardError, survival * Math.exp(-reach), survival * Math.exp(reach));
  }
  const spread = Math.exp(reach / Math.log(survival));
  return bounded(standardError, survival ** (1 / spread), survival ** spread);
}

const bounded = (standardError: number, lower: number, upper: number) => ({
  standardError,
  lower: Math.max(0, lower),
  upper: Math.min(1, upper),
});

/** S(time): 1 before the first step; after the last step, its value. */
export function survivalAt(steps: readonly SurvivalStep[], time: number): number {
  return steps.findLast((step) => step.time <= time)?.survival ?? 1;
}

/** The first time with a survival of at most one half; null if more than half survive the observation. */
export function medianSurvival(steps: readonly SurvivalStep[]): number | null {
  // Tolerates a rounding error above one half.
  return steps.find(({ survival }) => survival <= 0.5 + 1e-12)?.time ?? null;
}
