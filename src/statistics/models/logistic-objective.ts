import { logOnePlusExp, toProbability } from './numerics/log-odds.ts';
import type { Objective } from './numerics/minimise.ts';

/** Rows of features in one flat array, with their outcomes. */
export interface Design {
  width: number;
  features: Float64Array;
  /** The share of positive outcomes in each row, from 0 to 1. */
  targets: Float64Array;
  /** The number of cases in each row. */
  weights: Float64Array;
  n: number;
}

/** The linear predictor of a row; `point` holds the intercept, then the coefficients. */
export function linearAt(design: Design, point: Float64Array, row: number): number {
  const { width, features } = design;
  let sum = point[0] ?? 0;
  for (let j = 0; j < width; j += 1) sum += (point[j + 1] ?? 0) * (features[row * width + j] ?? 0);
  return sum;
}

/** The mean log loss of a logistic model, with its gradient in the intercept and the coefficients. */
export function logisticObjective(design: Design): Objective {
  const { width, features, targets, weights, n } = design;
  return (point, gradient) => {
    gradient.fill(0);
    let value = 0;
    for (let row = 0; row < targets.length; row += 1) {
      const target = targets[row] ?? 0;
      const share = (weights[row] ?? 0) / n;
      const logOdds = linearAt(design, point, row);
      value += share * (logOnePlusExp(logOdds) - target * logOdds);
      const error = share * (toProbability(logOdds) - target);
      gradient[0] = (gradient[0] ?? 0) + error;
      for (let j = 0; j < width; j += 1) {
        gradient[j + 1] = (gradient[j + 1] ?? 0) + error * (features[row * width + j] ?? 0);
      }
    }
    return value;
  };
}
