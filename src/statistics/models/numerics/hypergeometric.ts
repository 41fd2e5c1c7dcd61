import { HorizonTooLong } from '../../refusals.ts';

/** Terms of a series before it is abandoned. */
export const maxTerms = 1_000_000;

/**
 * Gauss' 2F1(a, b; c; z) for a, b, c > 0 and 0 <= z < 1, by its series, whose terms are all positive. Transform
 * alternating or overflowing cases first, for example by Euler's transformation.
 * @throws HorizonTooLong when a million terms do not suffice, which needs z within about 1e-5 of 1
 */
export function gauss2F1(a: number, b: number, c: number, z: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 0; n < maxTerms; n += 1) {
    const ratio = (((a + n) * (b + n)) / ((c + n) * (n + 1))) * z;
    term *= ratio;
    sum += term;
    // Once the ratio is below 1, the remainder is bounded by a geometric series.
    if (ratio < 1 && term <= 1e-17 * sum * (1 - ratio)) return sum;
  }
  throw new HorizonTooLong();
}
