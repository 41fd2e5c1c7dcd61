import { requireInteger } from '../models/require.ts';
import { type Forecast, requireForecasts } from './forecast.ts';

/** A bin of similar forecasts with its observed rate. */
export interface ReliabilityBin {
  /** The smallest and the largest forecast in the bin. */
  from: number;
  to: number;
  count: number;
  meanForecast: number;
  observedRate: number;
}

/**
 * `EQUAL_WIDTH` divides the range of probabilities, [0, .1) to [.9, 1] for ten bins; `EQUAL_MASS` divides the
 * customers by rank, but never between two equal forecasts.
 */
export type Binning = 'EQUAL_WIDTH' | 'EQUAL_MASS';

export const defaultBins = 10;

interface BinningOptions {
  binning?: Binning;
  bins?: number;
}

/**
 * The table of a reliability diagram in ascending order, without empty bins.
 * @throws InvalidArgument
 */
export function reliabilityTable(
  forecasts: readonly Forecast[],
  { binning = 'EQUAL_WIDTH', bins = defaultBins }: BinningOptions = {},
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

/** Equal forecasts belong to the bin of the first of them. */
function byMass(sorted: readonly Forecast[], bins: number) {
  let first = 0;
  return ({ score }: Forecast, index: number) => {
    if (sorted[first]?.score !== score) first = index;
    return Math.floor((first * bins) / sorted.length);
  };
}

function toBin(forecasts: readonly Forecast[]): ReliabilityBin {
  const count = forecasts.length;
  const positives = forecasts.filter(({ outcome }) => outcome).length;
  return {
    from: forecasts[0]?.score ?? 0,
    to: forecasts.at(-1)?.score ?? 0,
    count,
    meanForecast: forecasts.reduce((sum, { score }) => sum + score, 0) / count,
    observedRate: positives / count,
  };
}

/**
 * The expected calibration error: the mean distance of forecast and observed rate, weighted by the size of the
 * bins. It depends on the binning, so report it for equal width and for equal mass.
 * @throws InvalidArgument
 */
export function calibrationError(
  forecasts: readonly Forecast[],
  options: BinningOptions = {},
): number {
  const table = reliabilityTable(forecasts, options);
  return table.reduce(
    (sum, { count, meanForecast, observedRate }) =>
      sum + (count / forecasts.length) * Math.abs(meanForecast - observedRate),
    0,
  );
}

/** The components of a Brier score. */
export interface BrierDecomposition {
  /** The distance of forecasts from observed rates: lower is better. */
  reliability: number;
  /** The distance of the bins from the base rate: higher is better. */
  resolution: number;
  /** Base rate × (1 - base rate), independent of the forecasts. */
  uncertainty: number;
}

/**
 * Murphy's decomposition (1973): Brier = reliability - resolution + uncertainty, exact when the
 * forecasts within a bin are equal, otherwise an approximation.
 * @throws InvalidArgument
 */
export function decomposeBrier(
  forecasts: readonly Forecast[],
  options: BinningOptions = {},
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
