import { failure, fitPositive } from './fit-positive.ts';
import { paretoPrior } from './log-normal-prior.ts';
import { risesTo } from './numerics/bisect.ts';
import { logGamma } from './numerics/log-gamma.ts';
import { toProbability } from './numerics/log-odds.ts';
import { logRising } from './numerics/log-rising.ts';
import { integrate, logLeftBetween, type ParetoParameters } from './pareto-nbd-integral.ts';
import { paretoLikelihood } from './pareto-nbd-likelihood.ts';
import {
  newCustomer,
  type PurchaseHistory,
  requireGroup,
  requireHistory,
} from './purchase-history.ts';
import type { PurchaseModel } from './purchase-model.ts';
import { requireInteger, requireParameters, requireThreshold, requireTime } from './require.ts';

function requireValid(parameters: ParetoParameters, history: PurchaseHistory) {
  requireParameters(parameters);
  requireHistory(history);
}

/** ln of s ∫ over (alpha+T)^-(r+x) (beta+T)^-s: the odds of drop-out between two ages against activity at `T`. */
function logOddsLeft(
  parameters: ParetoParameters,
  { x, T }: { x: number; T: number },
  between: { from: number; to: number },
): number {
  if (between.to <= between.from) return Number.NEGATIVE_INFINITY;
  const { r, alpha, s, beta } = parameters;
  const stays = -(r + x) * Math.log(alpha + T) - s * Math.log(beta + T);
  return Math.log(s) + logLeftBetween(parameters, x, between) - stays;
}

const oddsGone = (parameters: ParetoParameters, { x, tx, T }: PurchaseHistory) =>
  logOddsLeft(parameters, { x, T }, { from: tx, to: T });

/** P(no purchase in (T, T+H] | alive at T): no purchase and no drop-out, or drop-out before a purchase. */
function quietIfAlive(parameters: ParetoParameters, { x, T }: PurchaseHistory, horizon: number) {
  const { r, alpha, s, beta } = parameters;
  const neither =
    -(r + x) * Math.log1p(horizon / (alpha + T)) - s * Math.log1p(horizon / (beta + T));
  const leaves = logOddsLeft(parameters, { x, T }, { from: T, to: T + horizon });
  return Math.min(1, Math.exp(neither) + Math.exp(leaves));
}

function silent(parameters: ParetoParameters, history: PurchaseHistory, horizon: number) {
  const logOdds = oddsGone(parameters, history);
  return Math.min(
    1,
    toProbability(logOdds) + toProbability(-logOdds) * quietIfAlive(parameters, history, horizon),
  );
}

/** A (r+x) / (alpha+T) · (beta+T)^s ∫ (beta+T+u)^-s du over the time ahead; not singular at s = 1. */
function expected(parameters: ParetoParameters, history: PurchaseHistory, time: number) {
  const { r, alpha, s, beta } = parameters;
  const { x, T } = history;
  const delta = s - 1;
  const logRatio = Math.log1p(time / (beta + T));
  const lifetime = delta === 0 ? logRatio : -Math.expm1(-delta * logRatio) / delta;
  const rate = ((r + x) * (beta + T)) / (alpha + T);
  return toProbability(-oddsGone(parameters, history)) * rate * lifetime;
}

function countIfAlive(
  { r, alpha, s, beta }: ParetoParameters,
  { count, time }: { count: number; time: number },
): number {
  if (time === 0) return count === 0 ? 1 : 0;
  const constant =
    logRising(r, count) - logGamma(count + 1) + r * Math.log(alpha) + s * Math.log(beta);
  const logStays =
    (count === 0 ? 0 : count * Math.log(time)) -
    (r + count) * Math.log(alpha + time) -
    s * Math.log(beta + time);
  const left = integrate(
    { n: count, rate: r + count, alpha, leaving: s + 1, beta },
    { from: 0, to: time, logReference: -constant - Math.log(s) },
  );
  return Math.exp(constant + logStays) + left;
}

const fitHistories: PurchaseModel<ParetoParameters>['fit'] = (groups, { prior } = {}) => {
  let n = 0;
  for (const group of groups) {
    requireGroup(group);
    n += group.count;
  }
  if (n === 0) return failure('NO_CUSTOMERS', { n });
  if (!prior && groups.every(({ x }) => x === 0)) return failure('NOTHING_TO_LEARN', { n });
  const { r, alpha, s, beta } = (prior ?? paretoPrior(groups)).centres;
  return fitPositive({
    names: ['r', 'alpha', 's', 'beta'],
    n,
    starts: [
      { r, alpha, s, beta },
      { r: r / 4, alpha: alpha / 4, s, beta },
      { r, alpha, s: 4 * s, beta: 4 * beta },
    ],
    meanLogLikelihood: paretoLikelihood(groups, n),
    prior,
  });
};

/**
 * Pareto/NBD (Schmittlein, Morrison & Colombo 1987; Fader & Hardie note 008), an alternative to the default: customers
 * may drop out at any time. r and alpha: gamma distribution of purchase rates; s and beta: gamma distribution of drop-out
 * rates; alpha and beta in the unit of time.
 */
export const paretoNbd: PurchaseModel<ParetoParameters> = {
  name: 'PARETO_NBD',
  fit: fitHistories,
  defaultPrior: paretoPrior,
  logLikelihood(parameters, history) {
    requireValid(parameters, history);
    const { r, alpha, s, beta } = parameters;
    const likelihood = paretoLikelihood([{ ...history, count: 1 }], 1);
    return likelihood(Float64Array.of(r, alpha, s, beta), new Float64Array(4));
  },
  logOddsGone(parameters, history) {
    requireValid(parameters, history);
    return oddsGone(parameters, history);
  },
  pAlive(parameters, history) {
    requireValid(parameters, history);
    return toProbability(-oddsGone(parameters, history));
  },
  pSilent(parameters, history, horizon) {
    requireValid(parameters, history);
    requireTime('The horizon', horizon);
    return silent(parameters, history, horizon);
  },
  expectedPurchases(parameters, history, time) {
    requireValid(parameters, history);
    requireTime('The time ahead', time);
    return expected(parameters, history, time);
  },
  expectedFromNew(parameters, time) {
    requireParameters(parameters);
    requireTime('The time ahead', time);
    return expected(parameters, newCustomer, time);
  },
  probabilityOfCount(parameters, history, { count, time }) {
    requireValid(parameters, history);
    requireInteger('The count', count);
    requireTime('The time ahead', time);
    const { r, alpha, s, beta } = parameters;
    const { x, T } = history;
    const later = { r: r + x, alpha: alpha + T, s, beta: beta + T };
    const isAlive = toProbability(-oddsGone(parameters, history));
    return (count === 0 ? 1 - isAlive : 0) + isAlive * countIfAlive(later, { count, time });
  },
  aliveFallsTo(parameters, { x, tx }, threshold) {
    requireValid(parameters, { x, tx, T: tx });
    requireThreshold('The threshold', threshold);
    return risesTo((T) => toProbability(oddsGone(parameters, { x, tx, T })), {
      from: tx,
      threshold: 1 - threshold,
      step: parameters.alpha + tx,
    });
  },
  silentRisesTo(parameters, { x, tx }, { threshold, horizon }) {
    requireValid(parameters, { x, tx, T: tx });
    requireThreshold('The threshold', threshold);
    requireTime('The horizon', horizon);
    return risesTo((T) => silent(parameters, { x, tx, T }, horizon), {
      from: tx,
      threshold,
      step: parameters.alpha + tx,
    });
  },
};
