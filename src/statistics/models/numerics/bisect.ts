const latest = 1e12;

/**
 * The first time from `from` on at which a non-decreasing function reaches `threshold`, within a relative error of 1e-12
 * and never too early; null if it does not within 1e12 units. `step` is the first guess of the distance.
 */
export function risesTo(
  value: (time: number) => number,
  { from, threshold, step }: { from: number; threshold: number; step: number },
): number | null {
  if (value(from) >= threshold) return from;
  let low = from;
  let width = step;
  while (value(from + width) < threshold) {
    low = from + width;
    width *= 2;
    if (low > latest) return null;
  }
  let high = from + width;
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (value(middle) >= threshold) high = middle;
    else low = middle;
  }
  return high;
}
