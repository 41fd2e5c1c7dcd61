import { HorizonTooLong } from '../refusals.ts';
import type { BetaGeometricParameters, Opening } from './beta-geometric-likelihood.ts';
import { maxTerms } from './numerics/hypergeometric.ts';
import { toProbability } from './numerics/log-odds.ts';
import { logRising } from './numerics/log-rising.ts';
import type { PurchaseHistory } from './purchase-history.ts';
import { maxTime } from './require.ts';

type Parameters = BetaGeometricParameters;

/** The two terms of ln(P(gone) / P(alive)). Only `silence` depends on T, so it decides when thresholds are crossed. */
export interface GoneTerms {
  /** ln(a / (b + x)) in MBG/NBD: how likely customers with this many repeats are to drop out. */
  tendency: number;
  /** (r + x) ln((alpha + T) / (alpha + tx)): the current silence relative to the customer's purchase rate. */
  silence: number;
}

export function goneTerms(
  opening: Opening,
  { r, alpha, a, b }: Parameters,
  { x, tx, T }: PurchaseHistory,
): GoneTerms {
  const k = x + opening;
  return {
    tendency: k === 0 ? Number.NEGATIVE_INFINITY : Math.log(a / (b + k - 1)),
    silence: (r + x) * Math.log1p((T - tx) / (alpha + tx)),
  };
}

export function logOddsGone(opening: Opening, parameters: Parameters, history: PurchaseHistory) {
  const { tendency, silence } = goneTerms(opening, parameters, history);
  return tendency + silence;
}

export const alive = (opening: Opening, parameters: Parameters, history: PurchaseHistory) =>
  toProbability(-logOddsGone(opening, parameters, history));

/** 1 - A (1 - ((alpha+T) / (alpha+T+H))^(r+x)), in a form without cancellation near 0 and 1. */
export function silent(
  opening: Opening,
  parameters: Parameters,
  history: PurchaseHistory,
  horizon: number,
) {
  const { r, alpha } = parameters;
  const { x, T } = history;
  const logOdds = logOddsGone(opening, parameters, history);
  const quiet = Math.exp(-(r + x) * Math.log1p(horizon / (alpha + T)));
  return Math.min(1, toProbability(logOdds) + toProbability(-logOdds) * quiet);
}

/**
 * E[Y(t)] = A c sum over n of NB(n) w_n. NB(n) is the probability of n purchases by a customer that never drops out, a
 * negative binomial with shape r + x and z = t / (alpha + T + t). c w_n is the expected number of them before the
 * drop-out: w_n = sum over i < n of (b')_i / (c)_(i+1), where a, b' is the beta distribution of drop-outs given A and
 * c = a + b' - 1. This equals the published A c / (a-1) (1 - (1-z)^(r+x) 2F1(r+x, b'; c; z)) term by term, but every
 * term is positive, so nothing overflows or cancels, neither at x = 1,000 nor at a = 1.
 */
export function expected(
  opening: Opening,
  parameters: Parameters,
  history: PurchaseHistory,
  time: number,
): number {
  const { r, alpha, a, b } = parameters;
  const { x, T } = history;
  const stay = b + x + opening;
  const logNone = -(r + x) * Math.log1p(time / (alpha + T));
  const z = time / (alpha + T + time);
  const sum = sumOverCounts({ shape: r + x, z, stay, c: a + stay - 1 });
  return alive(opening, parameters, history) * sum.value * Math.exp(logNone + sum.logScale);
}

const rescaleAbove = 1e200;

/** c times the sum over n of (shape)_n / n! z^n w_n, as value · exp(logScale). */
function sumOverCounts({ shape, z, stay, c }: Record<'shape' | 'z' | 'stay' | 'c', number>) {
  let probability = 1;
  let stays = 1;
  let kept = 0;
  let value = 0;
  let logScale = 0;
  for (let n = 0; n < maxTerms; n += 1) {
    // c w_n begins with c (1 / c): this form is stable for c near 0.
    kept += n === 0 ? 1 : stays / (c + n);
    stays *= n === 0 ? stay : (stay + n) / (c + n);
    const ratio = ((shape + n) / (n + 1)) * z;
    probability *= ratio;
    value += probability * kept;
    if (ratio < 1 && probability * kept <= 1e-17 * value * (1 - ratio)) return { value, logScale };
    if (value > rescaleAbove) {
      value /= rescaleAbove;
      probability /= rescaleAbove;
      logScale += Math.log(rescaleAbove);
    }
  }
  throw new HorizonTooLong();
}

/** For a customer known to be alive: NBD counts, of which the last may be a purchase followed by drop-out. */
export function countIfAlive(
  { r, alpha, a, b }: Parameters,
  { count, time }: { count: number; time: number },
): number {
  const logQuiet = -Math.log1p(time / alpha);
  const logBuy = Math.log(time / (alpha + time));
  let logTerm = r * logQuiet;
  let fewer = 0;
  for (let i = 0; i < count; i += 1) {
    fewer += Math.exp(logTerm);
    logTerm += Math.log((r + i) / (i + 1)) + logBuy;
  }
  const stays = Math.exp(logRising(b, count) - logRising(a + b, count) + logTerm);
  if (count === 0) return stays;
  const leaves =
    (a / (a + b + count - 1)) * Math.exp(logRising(b, count - 1) - logRising(a + b, count - 1));
  return stays + leaves * Math.max(0, 1 - fewer);
}

export function fallsTo(
  opening: Opening,
  { r, alpha, a, b }: Parameters,
  { x, tx }: Pick<PurchaseHistory, 'x' | 'tx'>,
  threshold: number,
): number | null {
  const k = x + opening;
  if (k === 0) return null;
  const logOdds = Math.log1p(-threshold) - Math.log(threshold) + Math.log((b + k - 1) / a);
  const age = tx + (alpha + tx) * Math.expm1(logOdds / (r + x));
  if (age > maxTime) return null;
  return Math.max(tx, age);
}
