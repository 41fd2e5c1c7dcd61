import type { PurchaseHistory } from '../../../src/statistics/models/purchase-history.ts';
import { createRandom } from '../../support/random.ts';

/** Pseudo-random variates that a seed reproduces. */
export function createDraws(seed: number) {
  const { next } = createRandom(seed);
  // Never 0, whose logarithm is infinite.
  const uniform = () => next() + 2 ** -33;

  const exponential = (rate: number) => -Math.log(uniform()) / rate;

  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());

  /** Marsaglia & Tsang 2000; for a shape below 1, a scaled variate of a larger shape. */
  function gamma(shape: number, rate = 1): number {
    if (shape < 1) return gamma(shape + 1, rate) * uniform() ** (1 / shape);
    const d = shape - 1 / 3;
    for (;;) {
      const x = normal();
      const v = (1 + x / Math.sqrt(9 * d)) ** 3;
      if (v > 0 && Math.log(uniform()) < (x * x) / 2 + d - d * v + d * Math.log(v)) {
        return (d * v) / rate;
      }
    }
  }

  function beta(a: number, b: number): number {
    const left = gamma(a);
    return left / (left + gamma(b));
  }

  return { uniform, exponential, normal, gamma, beta };
}

export type Draws = ReturnType<typeof createDraws>;

interface BetaGeometric {
  r: number;
  alpha: number;
  a: number;
  b: number;
}

/** A customer that may drop out after each purchase; after the first only if `opening` is 1. */
export function simulateBetaGeometric(
  { uniform, exponential, gamma, beta }: Draws,
  { r, alpha, a, b }: BetaGeometric,
  { opening, T }: { opening: 0 | 1; T: number },
): PurchaseHistory & { isAlive: boolean } {
  const rate = gamma(r, alpha);
  const leaving = beta(a, b);
  let [x, tx] = [0, 0];
  let isAlive = opening === 0 || uniform() >= leaving;
  while (isAlive) {
    const next = tx + exponential(rate);
    if (!(next <= T)) break;
    [x, tx] = [x + 1, next];
    isAlive = uniform() >= leaving;
  }
  return { x, tx, T, isAlive };
}

/** A customer that may drop out at any time. */
export function simulatePareto(
  { exponential, gamma }: Draws,
  { r, alpha, s, beta }: { r: number; alpha: number; s: number; beta: number },
  T: number,
): PurchaseHistory {
  const rate = gamma(r, alpha);
  const end = Math.min(T, exponential(gamma(s, beta)));
  let [x, tx] = [0, 0];
  for (let next = exponential(rate); next <= end; next += exponential(rate)) {
    [x, tx] = [x + 1, next];
  }
  return { x, tx, T };
}
