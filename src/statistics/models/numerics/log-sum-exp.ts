/** ln(exp(a) + exp(b)), even if one of the powers overflows or underflows. */
export function logSumExp(a: number, b: number): number {
  const larger = Math.max(a, b);
  if (larger === Number.NEGATIVE_INFINITY) return larger;
  return larger + Math.log1p(Math.exp(Math.min(a, b) - larger));
}
