import { InvalidArgument } from '../refusals.ts';
import { type FitFailure, failure } from './fit-positive.ts';
import { type LogisticRow, type StandardDesign, standardise } from './logistic-design.ts';
import { linearAt, logisticObjective } from './logistic-objective.ts';
import { inverseCurvature } from './numerics/curvature.ts';
import { toProbability } from './numerics/log-odds.ts';
import { minimise, type Objective } from './numerics/minimise.ts';

/** ln(p / (1 - p)) = intercept + sum of coefficients times features. */
export interface LogisticModel {
  intercept: number;
  coefficients: number[];
  /** The means of the features in the fit, from which contributions are measured. */
  means: number[];
}

/** A fitted logistic model. */
export interface LogisticFit {
  converged: true;
  model: LogisticModel;
  /** Null if features are collinear, which does not affect predictions. */
  standardErrors: { intercept: number; coefficients: number[] } | null;
  /** Of all cases, without the prior. */
  logLikelihood: number;
  n: number;
  iterations: number;
}

/** A normal prior (ridge penalty) for the coefficient of each feature, scaled to a standard deviation of 1. */
export interface NormalPrior {
  sd: number;
  /** Default: 0 for each feature. */
  means?: readonly number[];
}

// A case this far from even odds is separated: p is within 3e-7 of 0 or 1.
const maxLogOdds = 15;

/**
 * Logistic regression by maximum likelihood, or with a prior. Identical features share their coefficient; a constant
 * feature has none. Without a prior, perfect separation is a failure, not a fit with huge coefficients.
 * @throws InvalidArgument for features that are not finite numbers
 */
export function fitLogistic(
  rows: readonly LogisticRow[],
  { prior }: { prior?: NormalPrior } = {},
): LogisticFit | FitFailure {
  const design = standardise(rows);
  const { n, width } = design;
  if (n === 0) return failure('NO_CUSTOMERS', { n });
  const isMixed = rows.some(({ outcome }) => outcome) && rows.some(({ outcome }) => !outcome);
  if (!isMixed && !prior) return failure('NOTHING_TO_LEARN', { n });
  const loss = logisticObjective(design);
  const objective = prior ? withPrior(loss, prior, { n, width }) : loss;
  const minimum = minimise(objective, startOf(design), { maxIterations: 1_000 });
  const { iterations, point, converged } = minimum;
  if (!prior && isCertain(design, point)) return failure('SEPARATED', { n, iterations });
  if (!converged) return failure('NOT_CONVERGED', { n, iterations });
  return {
    converged: true,
    model: toModel(design, point),
    standardErrors: toErrors(design, inverseCurvature(objective, point)),
    logLikelihood: -n * loss(point, new Float64Array(width + 1)),
    n,
    iterations,
  };
}

/** The log-odds of the base rate, finite even if all outcomes are equal. */
function startOf({ targets, weights, n, width }: StandardDesign): Float64Array {
  const positives = targets.reduce((sum, target, row) => sum + target * (weights[row] ?? 0), 0);
  const start = new Float64Array(width + 1);
  start[0] = Math.log((positives + 0.5) / (n - positives + 0.5));
  return start;
}

function withPrior(
  loss: Objective,
  { sd, means = [] }: NormalPrior,
  { n, width }: { n: number; width: number },
): Objective {
  if (!(sd > 0 && sd < Number.POSITIVE_INFINITY) || !means.every(Number.isFinite)) {
    throw new InvalidArgument('A prior', 'of finite means and an sd above 0', sd);
  }
  return (point, gradient) => {
    let value = loss(point, gradient);
    for (let j = 0; j < width; j += 1) {
      const distance = ((point[j + 1] ?? 0) - (means[j] ?? 0)) / sd;
      value += (distance * distance) / (2 * n);
      gradient[j + 1] = (gradient[j + 1] ?? 0) + distance / (sd * n);
    }
    return value;
  };
}

function isCertain(design: StandardDesign, point: Float64Array): boolean {
  return design.targets.some((_, row) => Math.abs(linearAt(design, point, row)) > maxLogOdds);
}

function toModel({ means, deviations }: StandardDesign, point: Float64Array): LogisticModel {
  const coefficients = Array.from(deviations, (deviation, j) =>
    deviation === 0 ? 0 : (point[j + 1] ?? 0) / deviation,
  );
  const shift = coefficients.reduce((sum, slope, j) => sum + slope * (means[j] ?? 0), 0);
  return { intercept: (point[0] ?? 0) - shift, coefficients, means: Array.from(means) };
}

function toErrors(design: StandardDesign, inverse: Float64Array | undefined) {
  if (!inverse) return null;
  const { width, n, means, deviations } = design;
  const size = width + 1;
  // The intercept on the original scale is a linear combination of all fitted parameters.
  const weights = [1, ...Array.from(deviations, (sd, j) => -(means[j] ?? 0) / sd)];
  let variance = 0;
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      variance +=
        (weights[row] ?? 0) * (weights[column] ?? 0) * (inverse[row * size + column] ?? 0);
    }
  }
  const coefficients = Array.from(
    deviations,
    (sd, j) => Math.sqrt((inverse[(j + 1) * (size + 1)] ?? 0) / n) / sd,
  );
  return { intercept: Math.sqrt(variance / n), coefficients };
}

function requireFeatures({ coefficients }: LogisticModel, features: readonly number[]): void {
  if (features.length !== coefficients.length || !features.every(Number.isFinite)) {
    const rule = `${coefficients.length} finite numbers`;
    throw new InvalidArgument('The features', rule, `[${features.join(', ')}]`);
  }
}

/** The terms of a prediction: `base` and the contributions add up to `logOdds`. */
export interface Contributions {
  /** The log-odds of a case with mean features. */
  base: number;
  /** coefficient_j (feature_j - mean_j), in the order of the features. */
  contributions: number[];
  logOdds: number;
}

/**
 * The exact additive attribution of a linear model.
 * @throws InvalidArgument unless there is a finite number for each coefficient
 */
export function explainLogistic(model: LogisticModel, features: readonly number[]): Contributions {
  requireFeatures(model, features);
  const { intercept, coefficients, means } = model;
  const base = coefficients.reduce((sum, slope, j) => sum + slope * (means[j] ?? 0), intercept);
  const contributions = coefficients.map(
    (slope, j) => slope * ((features[j] ?? 0) - (means[j] ?? 0)),
  );
  const logOdds = contributions.reduce((sum, part) => sum + part, base);
  return { base, contributions, logOdds };
}

/** @throws InvalidArgument unless there is a finite number for each coefficient */
export const predictLogistic = (model: LogisticModel, features: readonly number[]): number =>
  toProbability(explainLogistic(model, features).logOdds);
