import { requireInteger } from '../models/require.ts';
import { type Forecast, requireScores } from './forecast.ts';

/** What one finds among the customers with the highest scores. */
export interface LiftPoint {
  /** The share of all customers looked at. */
  share: number;
  /** The lowest score among them: as a threshold it selects about this share. */
  threshold: number;
  /** The share of all outcomes that is among them: the gain, or recall. */
  gain: number;
  /** The share of them that has the outcome. */
  precision: number;
  /** Gain over share: how many times better than picking at random. */
  lift: number;
}

/**
 * The gain and lift curve, from the highest scores down, at `steps` equal shares of the customers. Where a
 * step falls between equal scores, their outcomes count in proportion, so the order of the input does not
 * matter. Null when no outcome came true.
 * @throws InvalidArgument
 */
export function liftCurve(forecasts: readonly Forecast[], steps = 10): LiftPoint[] | null {
  requireScores(forecasts);
  requireInteger('The number of steps', steps, 1);
  const sorted = forecasts.toSorted((left, right) => right.score - left.score);
  const found = cumulate(sorted);
  const all = found.at(-1) ?? 0;
  if (all === 0) return null;
  return Array.from({ length: steps }, (_, index) => {
    const looked = Math.max(1, Math.round(((index + 1) * sorted.length) / steps));
    const hits = found[looked] ?? 0;
    const share = looked / sorted.length;
    const gain = hits / all;
    const threshold = sorted[looked - 1]?.score ?? 0;
    return { share, threshold, gain, precision: hits / looked, lift: gain / share };
  });
}

/** Outcomes among the first k, equal scores sharing theirs evenly. */
function cumulate(sorted: readonly Forecast[]): Float64Array {
  const found = new Float64Array(sorted.length + 1);
  for (let start = 0; start < sorted.length; ) {
    let end = start;
    let hits = 0;
    for (; end < sorted.length && sorted[end]?.score === sorted[start]?.score; end += 1) {
      hits += Number(sorted[end]?.outcome);
    }
    const before = found[start] ?? 0;
    for (let i = start + 1; i <= end; i += 1)
      found[i] = before + (hits * (i - start)) / (end - start);
    start = end;
  }
  return found;
}
