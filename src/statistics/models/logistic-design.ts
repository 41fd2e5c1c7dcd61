import { InvalidArgument } from '../refusals.ts';
import type { Design } from './logistic-objective.ts';

/** One case, or several which are alike. */
export interface LogisticRow {
  /** As many numbers in every row, in the same order. */
  features: readonly number[];
  outcome: boolean;
  /** How many cases; 1 unless said. */
  count?: number;
}

/** A design whose features have mean 0 and standard deviation 1, and what they had before. */
export interface StandardDesign extends Design {
  means: Float64Array;
  /** 0 for a feature that does not vary; its column is then 0. */
  deviations: Float64Array;
}

/**
 * Puts features on one scale, for the sake of the optimiser and so that one prior fits all of them.
 * @throws InvalidArgument for a feature or count that is no finite number, or rows of different widths
 */
export function standardise(rows: readonly LogisticRow[]): StandardDesign {
  const width = rows[0]?.features.length ?? 0;
  for (const row of rows) requireRow(row, width);
  const weights = Float64Array.from(rows, ({ count = 1 }) => count);
  const n = weights.reduce((sum, weight) => sum + weight, 0);
  const { means, deviations } = describeFeatures(rows, { width, n });
  const features = new Float64Array(rows.length * width);
  for (const [row, { features: told }] of rows.entries()) {
    for (let j = 0; j < width; j += 1) {
      const deviation = deviations[j] ?? 0;
      const away = (told[j] ?? 0) - (means[j] ?? 0);
      features[row * width + j] = deviation === 0 ? 0 : away / deviation;
    }
  }
  const targets = Float64Array.from(rows, ({ outcome }) => (outcome ? 1 : 0));
  return { width, features, targets, weights, n, means, deviations };
}

function requireRow({ features, count = 1 }: LogisticRow, width: number): void {
  if (features.length !== width) {
    throw new InvalidArgument('The number of features', `${width} in every row`, features.length);
  }
  const wrong = features.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) throw new InvalidArgument('A feature', 'a finite number', wrong);
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
    // What rounding makes of a constant is no variation.
    deviations[j] = deviation > 1e-12 * Math.abs(mean) ? deviation : 0;
  }
  return { means, deviations };
}
