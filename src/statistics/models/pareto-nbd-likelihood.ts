import { toProbability } from './numerics/log-odds.ts';
import { logRising, logRisingSlope } from './numerics/log-rising.ts';
import { logSumExp } from './numerics/log-sum-exp.ts';
import { leftMoments, type ParetoParameters } from './pareto-nbd-integral.ts';
import type { HistoryGroup } from './purchase-history.ts';

/**
 * The mean log-likelihood of Pareto/NBD and its gradient in r, alpha, s, beta:
 *
 *   L = (r)_x alpha^r beta^s [(alpha+T)^-(r+x) (beta+T)^-s + s ∫ (alpha+y)^-(r+x) (beta+y)^-(s+1) dy]
 *
 * where the integral from tx to T is over the time of drop-out.
 */
export function paretoLikelihood(groups: readonly HistoryGroup[], n: number) {
  return (parameters: Float64Array, gradient: Float64Array): number => {
    const [r = 0, alpha = 0, s = 0, beta = 0] = parameters;
    gradient.fill(0);
    let value = 0;
    for (const group of groups) {
      const share = group.count / n;
      value += share * addGroup(group, share, { r, alpha, s, beta }, gradient);
    }
    return value;
  };
}

function addGroup(
  { x, tx, T }: HistoryGroup,
  share: number,
  parameters: ParetoParameters,
  gradient: Float64Array,
): number {
  const { r, alpha, s, beta } = parameters;
  const left = leftMoments(parameters, x, { from: tx, to: T });
  const stays = -(r + x) * Math.log(alpha + T) - s * Math.log(beta + T);
  const leaves = Math.log(s) + left.logIntegral;
  const gone = toProbability(leaves - stays);
  const alive = 1 - gone;
  const slopes = [
    logRisingSlope(r, x) + Math.log(alpha) - alive * Math.log(alpha + T) - gone * left.logAlpha,
    r / alpha - (r + x) * (alive / (alpha + T) + gone * left.inverseAlpha),
    Math.log(beta) - alive * Math.log(beta + T) + gone * (1 / s - left.logBeta),
    s / beta - (alive * s) / (beta + T) - gone * (s + 1) * left.inverseBeta,
  ];
  for (const [i, slope] of slopes.entries()) gradient[i] = (gradient[i] ?? 0) + share * slope;
  return logRising(r, x) + r * Math.log(alpha) + s * Math.log(beta) + logSumExp(stays, leaves);
}
