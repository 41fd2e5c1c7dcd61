import { requireInteger } from '../models/require.ts';
import { type Forecast, requireForecasts } from './forecast.ts';

/** Forecasts that are alike, against what came of them. */
export interface ReliabilityBin {
  /** The least and the greatest forecast in the bin. */
  from: number;
  to: number;
  count: number;
  meanForecast: number;
  observedRate: number;
}

/**
 * `EQUAL_WIDTH` cuts the probabilities, [0, .1) to [.9, 1] at ten bins; `EQUAL_MASS` cuts the customers by
 * rank and never between two equal forecasts.
 */
export type Binning = 'EQUAL_WIDTH' | 'EQUAL_MASS';

/** How many bins there are unless others are asked for. */
export const defaultBins = 10;

interface Options {
  binning?: Binning;
  bins?: number;
}

/**
 * The table behind a reliability diagram, from low to high; bins without forecasts are left out.
 * @throws InvalidArgument
 */
export function reliabilityTable(
  forecasts: readonly Forecast[],
  { binning = 'EQUAL_WIDTH', bins = defaultBins }: Options = {},
): ReliabilityBin[] {
  requireForecasts(forecasts);
  requireInteger('The number of bins', bins, 1);
  const sorted = forecasts.toSorted((left, right) => left.score - right.score);
  const groups = Map.groupBy(
    sorted,
    binning === 'EQUAL_WIDTH' ? byWidth(bins) : byMass(sorted, bins),
  );
  return [...groups.values()].map(toBin);
}

const byWidth =
  (bins: number) =>
  ({ score }: Forecast) =>
    Math.min(bins - 1, Math.floor(score * bins));

/** Each forecast goes where the first of its equals belongs. */
function byMass(sorted: readonly Forecast[], bins: number) {
  let first = 0;
  return ({ score }: Forecast, index: number) => {
    if (sorted[first]?.score !== score) first = index;
    return Math.floor((first * bins) / sorted.length);
  };
}

function toBin(forecasts: readonly Forecast[]): ReliabilityBin {
  const count = forecasts.length;
  const happened = forecasts.filter(({ outcome }) => outcome).length;
  return {
    from: forecasts[0]?.score ?? 0,
    to: forecasts.at(-1)?.score ?? 0,
    count,
    meanForecast: forecasts.reduce((sum, { score }) => sum + score, 0) / count,
    observedRate: happened / count,
  };
}

/**
 * The expected calibration error: how far forecast and observed rate lie apart, averaged over the bins by
 * their size. It depends on the bins, so report it for equal width and for equal mass.
 * @throws InvalidArgument
 */
export function calibrationError(forecasts: readonly Forecast[], options: Options = {}): number {
  const table = reliabilityTable(forecasts, options);
  return table.reduce(
    (sum, { count, meanForecast, observedRate }) =>
      sum + (count / forecasts.length) * Math.abs(meanForecast - observedRate),
    0,
  );
}

/** Where a Brier score comes from. */
export interface BrierDecomposition {
  /** How far forecasts lie from what came of them: less is better. */
  reliability: number;
  /** How far the bins lie from the base rate: more is better. */
  resolution: number;
  /** Base rate × (1 - base rate): the world's. */
  uncertainty: number;
}

/**
 * Murphy's decomposition (1973): Brier = reliability - resolution + uncertainty, which is exact when the
 * forecasts within a bin are equal and close otherwise.
 * @throws InvalidArgument
 */
export function decomposeBrier(
  forecasts: readonly Forecast[],
  options: Options = {},
): BrierDecomposition {
  const table = reliabilityTable(forecasts, options);
  const n = forecasts.length;
  const baseRate = table.reduce((sum, bin) => sum + (bin.count / n) * bin.observedRate, 0);
  const average = (part: (bin: ReliabilityBin) => number) =>
    table.reduce((sum, bin) => sum + (bin.count / n) * part(bin), 0);
  return {
    reliability: average(({ meanForecast, observedRate }) => (meanForecast - observedRate) ** 2),
    resolution: average(({ observedRate }) => (observedRate - baseRate) ** 2),
    uncertainty: baseRate * (1 - baseRate),
  };
}
