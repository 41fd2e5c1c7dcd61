import { requireInteger } from '../models/require.ts';
import { type Forecast, requireScores } from './forecast.ts';

/** One point of the curve: the customers with the highest scores. */
export interface LiftPoint {
  /** The share of all customers. */
  share: number;
  /** The lowest score among them: as a threshold it selects about this share. */
  threshold: number;
  /** The share of all positive outcomes among them (recall). */
  gain: number;
  /** The share of them with a positive outcome. */
  precision: number;
  /** Gain / share: the improvement over a random choice. */
  lift: number;
}

/**
 * The gain and lift curve, from the highest scores down, at `steps` equal shares of the customers. Where a
 * step divides equal scores, their outcomes count in proportion, so that the order of the input does not
 * matter. Null when no outcome is positive.
 * @throws InvalidArgument
 */
export function liftCurve(forecasts: readonly Forecast[], steps = 10): LiftPoint[] | null {
  requireScores(forecasts);
  requireInteger('The number of steps', steps, 1);
  const sorted = forecasts.toSorted((left, right) => right.score - left.score);
  const cumulative = cumulate(sorted);
  const all = cumulative.at(-1) ?? 0;
  if (all === 0) return null;
  return Array.from({ length: steps }, (_, index) => {
    const count = Math.max(1, Math.round(((index + 1) * sorted.length) / steps));
    const hits = cumulative[count] ?? 0;
    const share = count / sorted.length;
    const gain = hits / all;
    const threshold = sorted[count - 1]?.score ?? 0;
    return { share, threshold, gain, precision: hits / count, lift: gain / share };
  });
}

/** Counts positive outcomes among the first k; equal scores share theirs evenly. */
function cumulate(sorted: readonly Forecast[]): Float64Array {
  const counts = new Float64Array(sorted.length + 1);
  for (let start = 0; start < sorted.length; ) {
    let end = start;
    let hits = 0;
    for (; end < sorted.length && sorted[end]?.score === sorted[start]?.score; end += 1) {
      hits += Number(sorted[end]?.outcome);
    }
    const before = counts[start] ?? 0;
    for (let i = start + 1; i <= end; i += 1)
      counts[i] = before + (hits * (i - start)) / (end - start);
    start = end;
  }
  return counts;
}
