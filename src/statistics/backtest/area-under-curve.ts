import { type Forecast, requireScores } from './forecast.ts';

/**
 * The area under the ROC curve: the probability that of two cases, one with the outcome and one without, the
 * former has the higher score, ties counting one half (Mann & Whitney 1947). Null when all outcomes are alike.
 * @throws InvalidArgument
 */
export function areaUnderCurve(forecasts: readonly Forecast[]): number | null {
  requireScores(forecasts);
  const sorted = forecasts.toSorted((left, right) => left.score - right.score);
  let negativesBelow = 0;
  let positives = 0;
  let wins = 0;
  for (let start = 0; start < sorted.length; ) {
    let [tiedPositives, tiedNegatives] = [0, 0];
    let end = start;
    for (; end < sorted.length && sorted[end]?.score === sorted[start]?.score; end += 1) {
      if (sorted[end]?.outcome) tiedPositives += 1;
      else tiedNegatives += 1;
    }
    wins += tiedPositives * (negativesBelow + tiedNegatives / 2);
    positives += tiedPositives;
    negativesBelow += tiedNegatives;
    start = end;
  }
  if (positives === 0 || negativesBelow === 0) return null;
  return wins / (positives * negativesBelow);
}
