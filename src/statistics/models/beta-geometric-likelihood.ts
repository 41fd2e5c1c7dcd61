import { logRising, logRisingSlope } from './numerics/log-rising.ts';
import { type HistoryGroup, requireGroup } from './purchase-history.ts';

/** r, alpha: gamma distribution of purchase rates; a, b: beta distribution of drop-out probabilities. */
export interface BetaGeometricParameters {
  r: number;
  /** In the unit of time of the histories: r / alpha is the mean rate. */
  alpha: number;
  a: number;
  b: number;
}

/**
 * Whether a customer may drop out after the first purchase: 1 in MBG/NBD, 0 in BG/NBD. This is the only difference
 * between the models: a customer with x repeats has had x + opening opportunities to drop out.
 */
export type Opening = 0 | 1;

export const betaGeometricNames = ['r', 'alpha', 'a', 'b'] as const;

/** Groups as columns, sorted by x, so that terms that depend on x alone are computed once per x. */
export interface HistoryColumns {
  n: number;
  /** Whether any customer has a repeat purchase. */
  hasRepeats: boolean;
  /** The distinct values of x, and the index at which the groups of each end. */
  x: Float64Array;
  ends: Uint32Array;
  tx: Float64Array;
  T: Float64Array;
  count: Float64Array;
}

/** @throws InvalidHistory */
export function toColumns(groups: readonly HistoryGroup[]): HistoryColumns {
  const sizes = new Map<number, number>();
  let n = 0;
  for (const group of groups) {
    requireGroup(group);
    sizes.set(group.x, (sizes.get(group.x) ?? 0) + 1);
    n += group.count;
  }
  const x = Float64Array.from(sizes.keys()).sort();
  const next = new Map<number, number>();
  const ends = new Uint32Array(x.length);
  let end = 0;
  for (const [index, repeats] of x.entries()) {
    next.set(repeats, end);
    end += sizes.get(repeats) ?? 0;
    ends[index] = end;
  }
  const columns = { n, hasRepeats: (x.at(-1) ?? 0) > 0, x, ends, ...emptyColumns(groups.length) };
  for (const group of groups) {
    const place = next.get(group.x) ?? 0;
    next.set(group.x, place + 1);
    columns.tx[place] = group.tx;
    columns.T[place] = group.T;
    columns.count[place] = group.count;
  }
  return columns;
}

const emptyColumns = (size: number) => ({
  tx: new Float64Array(size),
  T: new Float64Array(size),
  count: new Float64Array(size),
});

/**
 * The mean log-likelihood of (M)BG/NBD and its gradient in r, alpha, a, b. w is the log-odds of having dropped out.
 * With it, the two terms of a likelihood are one factor and 1 + exp(w), which neither overflows nor underflows:
 *
 *   ln L = ln (r)_x + r ln alpha - (r+x) ln(alpha+T) + ln (b)_k - ln (a+b)_k + ln(1 + exp(w))
 *   w = ln(a / (b+k-1)) + (r+x) ln((alpha+T) / (alpha+tx)),   k = x + opening
 */
export function betaGeometricLikelihood(columns: HistoryColumns, opening: Opening) {
  return (parameters: Float64Array, gradient: Float64Array): number => {
    const [r = 0, alpha = 0, a = 0, b = 0] = parameters;
    const at = { r, alpha, a, b };
    let value = 0;
    let start = 0;
    gradient.fill(0);
    for (let i = 0; i < columns.x.length; i += 1) {
      const x = columns.x[i] ?? 0;
      const end = columns.ends[i] ?? 0;
      const sums = sumGroups(columns, { start, end, x, k: x + opening }, at);
      value += addSums(sums, { x, k: x + opening }, at, gradient);
      start = end;
    }
    for (let i = 0; i < 4; i += 1) gradient[i] = (gradient[i] ?? 0) / columns.n;
    return value / columns.n;
  };
}

interface Sums {
  customers: number;
  /** Sums of ln(alpha+T), of ln(1 + exp(w)), and of the terms of the gradient in alpha. */
  logAge: number;
  soft: number;
  inverseAge: number;
  /** Sums of P(gone), alone, times ln((alpha+T)/(alpha+tx)), and times 1/(alpha+T) - 1/(alpha+tx). */
  gone: number;
  goneLogGap: number;
  goneInverse: number;
}

/** Sums the groups with one x: the innermost loop of a fit, with a few logarithms per group. */
function sumGroups(
  { tx, T, count }: HistoryColumns,
  { start, end, x, k }: { start: number; end: number; x: number; k: number },
  { r, alpha, a, b }: BetaGeometricParameters,
): Sums {
  const tendency = k === 0 ? Number.NEGATIVE_INFINITY : Math.log(a / (b + k - 1));
  const power = r + x;
  const sums = { customers: 0, logAge: 0, soft: 0, inverseAge: 0 };
  let gone = 0;
  let goneLogGap = 0;
  let goneInverse = 0;
  for (let i = start; i < end; i += 1) {
    const weight = count[i] ?? 0;
    const age = alpha + (T[i] ?? 0);
    const last = alpha + (tx[i] ?? 0);
    const logGap = Math.log(age / last);
    const logOdds = tendency + power * logGap;
    const odds = Math.exp(-Math.abs(logOdds));
    const share = weight * (logOdds > 0 ? 1 / (1 + odds) : odds / (1 + odds));
    sums.customers += weight;
    sums.logAge += weight * Math.log(age);
    sums.soft += weight * (Math.log1p(odds) + Math.max(logOdds, 0));
    sums.inverseAge += weight / age;
    gone += share;
    goneLogGap += share * logGap;
    goneInverse += share * (1 / age - 1 / last);
  }
  return { ...sums, gone, goneLogGap, goneInverse };
}

function addSums(
  sums: Sums,
  { x, k }: { x: number; k: number },
  { r, alpha, a, b }: BetaGeometricParameters,
  gradient: Float64Array,
): number {
  const { customers, logAge, soft, inverseAge, gone, goneLogGap, goneInverse } = sums;
  const logAlpha = Math.log(alpha);
  const bothSlope = logRisingSlope(a + b, k);
  const add = (index: number, value: number) => {
    gradient[index] = (gradient[index] ?? 0) + value;
  };
  add(0, customers * (logRisingSlope(r, x) + logAlpha) - logAge + goneLogGap);
  add(1, (customers * r) / alpha - (r + x) * inverseAge + (r + x) * goneInverse);
  add(2, gone / a - customers * bothSlope);
  add(3, customers * (logRisingSlope(b, k) - bothSlope) - (k > 0 ? gone / (b + k - 1) : 0));
  const factor = logRising(r, x) + r * logAlpha + logRising(b, k) - logRising(a + b, k);
  return customers * factor - (r + x) * logAge + soft;
}
