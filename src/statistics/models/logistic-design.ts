import { InvalidArgument } from '../refusals.ts';
import type { Design } from './logistic-objective.ts';

/** One case, or several identical ones. */
export interface LogisticRow {
  /** The same number of features in every row, in the same order. */
  features: readonly number[];
  outcome: boolean;
  /** The number of cases. Default: 1. */
  count?: number;
}

/** A design whose features have mean 0 and standard deviation 1, and their original means and deviations. */
export interface StandardDesign extends Design {
  means: Float64Array;
  /** 0 for a constant feature; its column is then 0. */
  deviations: Float64Array;
}

/**
 * Scales the features to a common scale, which helps the optimiser and lets one prior fit all of them.
 * @throws InvalidArgument for a feature or count that is not a finite number, or rows of different widths
 */
export function standardise(rows: readonly LogisticRow[]): StandardDesign {
  const width = rows[0]?.features.length ?? 0;
  for (const row of rows) requireRow(row, width);
  const weights = Float64Array.from(rows, ({ count = 1 }) => count);
  const n = weights.reduce((sum, weight) => sum + weight, 0);
  const { means, deviations } = describeFeatures(rows, { width, n });
  const features = new Float64Array(rows.length * width);
  for (const [row, { features: raw }] of rows.entries()) {
    for (let j = 0; j < width; j += 1) {
      const deviation = deviations[j] ?? 0;
      const difference = (raw[j] ?? 0) - (means[j] ?? 0);
      features[row * width + j] = deviation === 0 ? 0 : difference / deviation;
    }
  }
  const targets = Float64Array.from(rows, ({ outcome }) => (outcome ? 1 : 0));
  return { width, features, targets, weights, n, means, deviations };
}

function requireRow({ features, count = 1 }: LogisticRow, width: number): void {
  if (features.length !== width) {
    throw new InvalidArgument('The number of features', `${width} in every row`, features.length);
  }
  const invalid = features.find((value) => !Number.isFinite(value));
  if (invalid !== undefined) throw new InvalidArgument('A feature', 'a finite number', invalid);
  if (!(count > 0 && count < Number.POSITIVE_INFINITY)) {
    throw new InvalidArgument('The count of a row', 'a finite number above 0', count);
  }
}

function describeFeatures(
  rows: readonly LogisticRow[],
  { width, n }: { width: number; n: number },
): { means: Float64Array; deviations: Float64Array } {
  const means = new Float64Array(width);
  const deviations = new Float64Array(width);
  for (let j = 0; j < width; j += 1) {
    const average = (part: (value: number) => number) =>
      rows.reduce((sum, { features, count = 1 }) => sum + (count / n) * part(features[j] ?? 0), 0);
    const mean = average((value) => value);
    const deviation = Math.sqrt(average((value) => (value - mean) ** 2));
    means[j] = mean;
    // A deviation within the rounding error of a constant is no variation.
    deviations[j] = deviation > 1e-12 * Math.abs(mean) ? deviation : 0;
  }
  return { means, deviations };
}
