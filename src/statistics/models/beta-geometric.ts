import {
  type BetaGeometricParameters,
  betaGeometricLikelihood,
  betaGeometricNames,
  type Opening,
  toColumns,
} from './beta-geometric-likelihood.ts';
import {
  alive,
  countIfAlive,
  expected,
  fallsTo,
  logOddsGone,
  silent,
} from './beta-geometric-scores.ts';
import { failure, fitPositive } from './fit-positive.ts';
import { betaGeometricPrior } from './log-normal-prior.ts';
import { risesTo } from './numerics/bisect.ts';
import { newCustomer, type PurchaseHistory, requireHistory } from './purchase-history.ts';
import type { PurchaseModel } from './purchase-model.ts';
import { requireInteger, requireParameters, requireThreshold, requireTime } from './require.ts';

type Parameters = BetaGeometricParameters;

function requireValid(parameters: Parameters, history: PurchaseHistory) {
  requireParameters(parameters);
  requireHistory(history);
}

function fitHistories(opening: Opening): PurchaseModel<Parameters>['fit'] {
  return (groups, { prior } = {}) => {
    const columns = toColumns(groups);
    const { n } = columns;
    if (n === 0) return failure('NO_CUSTOMERS', { n });
    if (!columns.hasRepeats && !prior) return failure('NOTHING_TO_LEARN', { n });
    const { r, alpha, a, b } = (prior ?? betaGeometricPrior(groups)).centres;
    return fitPositive({
      names: betaGeometricNames,
      n,
      starts: [
        { r, alpha, a, b },
        { r: r / 4, alpha: alpha / 4, a, b },
        { r: 4 * r, alpha: 4 * alpha, a: a / 4, b },
      ],
      meanLogLikelihood: betaGeometricLikelihood(columns, opening),
      prior,
    });
  };
}

/** Creates the model with drop-out after purchases; `opening` is 1 if the first purchase is included. */
export function betaGeometricModel(
  name: PurchaseModel<Parameters>['name'],
  opening: Opening,
): PurchaseModel<Parameters> {
  return {
    name,
    fit: fitHistories(opening),
    defaultPrior: betaGeometricPrior,
    logLikelihood(parameters, history) {
      requireValid(parameters, history);
      const { r, alpha, a, b } = parameters;
      const likelihood = betaGeometricLikelihood(toColumns([{ ...history, count: 1 }]), opening);
      return likelihood(Float64Array.of(r, alpha, a, b), new Float64Array(4));
    },
    logOddsGone(parameters, history) {
      requireValid(parameters, history);
      return logOddsGone(opening, parameters, history);
    },
    pAlive(parameters, history) {
      requireValid(parameters, history);
      return alive(opening, parameters, history);
    },
    pSilent(parameters, history, horizon) {
      requireValid(parameters, history);
      requireTime('The horizon', horizon);
      return silent(opening, parameters, history, horizon);
    },
    expectedPurchases(parameters, history, time) {
      requireValid(parameters, history);
      requireTime('The time ahead', time);
      return expected(opening, parameters, history, time);
    },
    expectedFromNew(parameters, time) {
      requireParameters(parameters);
      requireTime('The time ahead', time);
      return expected(opening, parameters, newCustomer, time);
    },
    probabilityOfCount(parameters, history, { count, time }) {
      requireValid(parameters, history);
      requireInteger('The count', count);
      requireTime('The time ahead', time);
      const { r, alpha, a, b } = parameters;
      const { x, T } = history;
      const later = { r: r + x, alpha: alpha + T, a, b: b + x + opening };
      const isAlive = alive(opening, parameters, history);
      return (count === 0 ? 1 - isAlive : 0) + isAlive * countIfAlive(later, { count, time });
    },
    aliveFallsTo(parameters, { x, tx }, threshold) {
      requireValid(parameters, { x, tx, T: tx });
      requireThreshold('The threshold', threshold);
      return fallsTo(opening, parameters, { x, tx }, threshold);
    },
    silentRisesTo(parameters, { x, tx }, { threshold, horizon }) {
      requireValid(parameters, { x, tx, T: tx });
      requireThreshold('The threshold', threshold);
      requireTime('The horizon', horizon);
      return risesTo((T) => silent(opening, parameters, { x, tx, T }, horizon), {
        from: tx,
        threshold,
        step: parameters.alpha + tx,
      });
    },
  };
}
