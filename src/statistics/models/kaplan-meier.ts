import { InvalidArgument } from '../refusals.ts';

/** Subjects seen until `time`, when the event came or, censored, nobody looked any more. */
export interface SurvivalTime {
  time: number;
  hasEvent: boolean;
  /** How many; 1 unless said. */
  count?: number;
}

/** The curve from one time with an event to the next, and at censored times in between. */
export interface SurvivalStep {
  time: number;
  /** Just before this time. */
  atRisk: number;
  events: number;
  censored: number;
  /** S(time), the event at this time counted. */
  survival: number;
  /** Greenwood's standard error of S; null where S is 0, for which it is not defined. */
  standardError: number | null;
  lower: number | null;
  upper: number | null;
}

const quantiles = { 0.9: 1.6448536269514722, 0.95: 1.959963984540054, 0.99: 2.5758293035489004 };

interface Options {
  level?: keyof typeof quantiles;
  /**
   * The scale on which the interval is symmetric: `log`, as R's survival does it, or `log-log`, which also
   * keeps within 1 without being cut.
   */
  interval?: 'log' | 'log-log' | 'plain';
}

/**
 * The product-limit estimate of survival (Kaplan & Meier 1958) with Greenwood's intervals, one step per
 * distinct time. Whoever is censored at a time was at risk of the events at that time.
 * @throws InvalidArgument for a negative or infinite time or count; no lifetimes give no steps
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
    // A rest of rounding in weighted counts must not leave anybody alive.
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

/** S(time): 1 before the first step, and beyond the last one what was reached there. */
export function survivalAt(steps: readonly SurvivalStep[], time: number): number {
  return steps.findLast((step) => step.time <= time)?.survival ?? 1;
}

/** The first time at which at most half survive; null when more than half outlive what was seen. */
export function medianSurvival(steps: readonly SurvivalStep[]): number | null {
  // Rounding must not push exactly one half above it.
  return steps.find(({ survival }) => survival <= 0.5 + 1e-12)?.time ?? null;
}
