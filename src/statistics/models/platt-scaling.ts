import { InvalidArgument } from '../refusals.ts';
import { type FitFailure, failure } from './fit-positive.ts';
import { logisticObjective } from './logistic-objective.ts';
import { toLogOdds, toProbability } from './numerics/log-odds.ts';
import { minimise } from './numerics/minimise.ts';

/** Calibrated log-odds = intercept + slope × the log-odds of the raw score; slope > 0. */
export interface Calibration {
  slope: number;
  intercept: number;
}

/** A fitted calibration. */
export interface CalibrationFit {
  converged: true;
  calibration: Calibration;
  n: number;
  iterations: number;
}

/** A raw score and the observed outcome. */
export interface ScoredOutcome {
  /** A probability. */
  score: number;
  outcome: boolean;
  /** The number of cases. Default: 1. */
  count?: number;
}

// Scores of exactly 0 and 1 have no log-odds: they are limited to the precision of doubles.
const maxLogOdds = 36;

/** The log-odds of a raw score, limited to the precision of doubles. @throws InvalidArgument */
export function scoreLogOdds(score: number): number {
  if (!(score >= 0 && score <= 1)) {
    throw new InvalidArgument('A score', 'a probability from 0 to 1', score);
  }
  return Math.max(-maxLogOdds, Math.min(maxLogOdds, toLogOdds(score)));
}

/**
 * Fits a calibration with Platt's smoothed targets (Platt 1999), which keep it finite even under perfect separation. Fit
 * it on the outcomes of an earlier window than the one it is applied to. A score that ranks backwards is a failure:
 * a negative slope would hide that the score is useless, and thresholds would be crossed twice.
 * @throws InvalidArgument
 */
export function fitCalibration(outcomes: readonly ScoredOutcome[]): CalibrationFit | FitFailure {
  const features = Float64Array.from(outcomes, ({ score }) => scoreLogOdds(score));
  const weights = Float64Array.from(outcomes, ({ count = 1 }) => count);
  if (!weights.every((weight) => weight > 0 && weight < Number.POSITIVE_INFINITY)) {
    throw new InvalidArgument('A count of outcomes', 'a finite number above 0', weights.join());
  }
  const n = weights.reduce((sum, weight) => sum + weight, 0);
  const positives = outcomes.reduce(
    (sum, { outcome, count = 1 }) => sum + (outcome ? count : 0),
    0,
  );
  if (n === 0) return failure('NO_CUSTOMERS', { n });
  const [first] = features;
  const isVaried = features.some((feature) => feature !== first);
  if (positives === 0 || positives === n || !isVaried) return failure('NOTHING_TO_LEARN', { n });
  const [high, low] = [(positives + 1) / (positives + 2), 1 / (n - positives + 2)];
  const targets = Float64Array.from(outcomes, ({ outcome }) => (outcome ? high : low));
  const objective = logisticObjective({ width: 1, features, targets, weights, n });
  const { point, converged, iterations } = minimise(objective, [0, 1]);
  const [intercept = 0, slope = 0] = point;
  if (!converged) return failure('NOT_CONVERGED', { n, iterations });
  if (!(slope > 0)) return failure('RANKS_BACKWARDS', { n, iterations });
  return { converged: true, calibration: { slope, intercept }, n, iterations };
}

/** The calibrated probability of a raw one; increases with the raw one. */
export const calibrate = ({ slope, intercept }: Calibration, score: number): number =>
  toProbability(intercept + slope * scoreLogOdds(score));
