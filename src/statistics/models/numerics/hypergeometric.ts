import { HorizonTooLong } from '../../refusals.ts';

/** Terms that a series may take before it is given up. */
export const maxTerms = 1_000_000;

/**
 * Gauss' 2F1(a, b; c; z) for a, b, c > 0 and 0 <= z < 1, by its series, all terms of which are positive. An
 * alternating or overflowing case belongs into a form such as Euler's transformation first.
 * @throws HorizonTooLong when a million terms do not suffice, which takes z within about 1e-5 of 1
 */
export function gauss2F1(a: number, b: number, c: number, z: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 0; n < maxTerms; n += 1) {
    const ratio = (((a + n) * (b + n)) / ((c + n) * (n + 1))) * z;
    term *= ratio;
    sum += term;
    // What is left is about a geometric series once the ratio lies below 1.
    if (ratio < 1 && term <= 1e-17 * sum * (1 - ratio)) return sum;
  }
  throw new HorizonTooLong();
}
