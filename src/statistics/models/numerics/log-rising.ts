import { digamma } from './digamma.ts';
import { logGamma } from './log-gamma.ts';

// Up to here a product is faster, and exact for a huge `a`, where the difference of two ln Γ would cancel.
const maxFactors = 24;

/** ln (a)_n = ln Γ(a + n) - ln Γ(a), the rising factorial a (a + 1) ... (a + n - 1), for whole n >= 0. */
export function logRising(a: number, n: number): number {
  if (n > maxFactors) return logGamma(a + n) - logGamma(a);
  let sum = 0;
  let product = 1;
  for (let i = 0; i < n; i += 1) {
    product *= a + i;
    // 24 huge or tiny factors must not exceed the range of a double.
    if (product > 1e200 || product < 1e-200) {
      sum += Math.log(product);
      product = 1;
    }
  }
  return sum + Math.log(product);
}

/** Its derivative in a: ψ(a + n) - ψ(a). */
export function logRisingSlope(a: number, n: number): number {
  if (n > maxFactors) return digamma(a + n) - digamma(a);
  let sum = 0;
  for (let i = 0; i < n; i += 1) sum += 1 / (a + i);
  return sum;
}
