import { InvalidArgument } from '../refusals.ts';
import { type Fit, type FitFailure, failure, fitPositive } from './fit-positive.ts';
import type { LogNormalPrior } from './log-normal-prior.ts';
import { gauss2F1 } from './numerics/hypergeometric.ts';
import { logRising, logRisingSlope } from './numerics/log-rising.ts';
import { requireInteger, requireParameters, requirePositive } from './require.ts';

/** Beta distribution of the probability of not renewing: its mean is alpha / (alpha + beta). */
export interface ShiftedBetaGeometricParameters {
  alpha: number;
  beta: number;
}

/** Subscribers with the same number of renewals. */
export interface RenewalGroup {
  /** Renewals made. */
  renewals: number;
  /** Whether they then failed to renew; otherwise they are still subscribed. */
  isLost: boolean;
  count: number;
}

/**
 * Converts the survivors of one cohort to renewal groups. The first number is the size of the cohort.
 * @throws InvalidArgument unless they are whole numbers that never increase
 */
export function toRenewalGroups(survivors: readonly number[]): RenewalGroup[] {
  const groups: RenewalGroup[] = [];
  for (const [renewals, count] of survivors.entries()) {
    const next = survivors[renewals + 1];
    if (!(count >= (next ?? 0) && (next ?? 0) >= 0 && count < Number.POSITIVE_INFINITY)) {
      throw new InvalidArgument('Survivors', 'counts that never increase', survivors.join(', '));
    }
    const lost = next === undefined ? count : count - next;
    if (lost > 0) groups.push({ renewals, isLost: next !== undefined, count: lost });
  }
  return groups;
}

function requireGroup({ renewals, count }: RenewalGroup) {
  requireInteger('The number of renewals', renewals);
  requirePositive('The number of subscribers', count);
}

/**
 * Fits the shifted beta-geometric model of renewals (Fader & Hardie 2007, J. Interactive Marketing 21:76-90),
 * over one cohort or several of different ages.
 * @throws InvalidArgument
 */
export function fitShiftedBetaGeometric(
  groups: readonly RenewalGroup[],
  { prior }: { prior?: LogNormalPrior<ShiftedBetaGeometricParameters> } = {},
): Fit<ShiftedBetaGeometricParameters> | FitFailure {
  groups.forEach(requireGroup);
  const n = groups.reduce((sum, { count }) => sum + count, 0);
  if (n === 0) return failure('NO_CUSTOMERS', { n });
  const isLostSometime = groups.some(({ isLost }) => isLost);
  const isEverRenewed = groups.some(({ renewals }) => renewals > 0);
  if (!prior && !(isLostSometime && isEverRenewed)) return failure('NOTHING_TO_LEARN', { n });
  return fitPositive({
    names: ['alpha', 'beta'],
    n,
    starts: [prior?.centres ?? { alpha: 1, beta: 2 }, { alpha: 0.2, beta: 1 }],
    meanLogLikelihood: renewalLikelihood(groups, n),
    prior,
  });
}

/** P(t renewals) = (beta)_t / (alpha + beta)_t; for a lost subscriber times alpha / (alpha + beta + t). */
export function renewalLikelihood(groups: readonly RenewalGroup[], n: number) {
  return (parameters: Float64Array, gradient: Float64Array): number => {
    const [alpha = 0, beta = 0] = parameters;
    let [value, byAlpha, byBeta] = [0, 0, 0];
    for (const { renewals: t, isLost, count } of groups) {
      const share = count / n;
      const both = alpha + beta;
      const bothSlope = logRisingSlope(both, t) + (isLost ? 1 / (both + t) : 0);
      const lost = isLost ? Math.log(alpha / (both + t)) : 0;
      value += share * (logRising(beta, t) - logRising(both, t) + lost);
      byAlpha += share * ((isLost ? 1 / alpha : 0) - bothSlope);
      byBeta += share * (logRisingSlope(beta, t) - bothSlope);
    }
    gradient.set([byAlpha, byBeta]);
    return value;
  };
}

/**
 * (beta + t - 1) / (alpha + beta + t - 1): the share of those with t - 1 renewals that makes the t-th. It rises with t,
 * because loyal subscribers remain.
 * @throws InvalidParameters, InvalidArgument
 */
export function retentionRate(parameters: ShiftedBetaGeometricParameters, t: number): number {
  requireParameters(parameters);
  requireInteger('The renewal', t, 1);
  const { alpha, beta } = parameters;
  return (beta + t - 1) / (alpha + beta + t - 1);
}

/** B(alpha, beta + t) / B(alpha, beta): the share of a cohort with at least t renewals. */
export function renewalSurvival(parameters: ShiftedBetaGeometricParameters, t: number): number {
  requireParameters(parameters);
  requireInteger('The number of renewals', t);
  const { alpha, beta } = parameters;
  return Math.exp(logRising(beta, t) - logRising(alpha + beta, t));
}

/** B(alpha + 1, beta + t - 1) / B(alpha, beta): the share that fails to make the t-th renewal. */
export function lossProbability(parameters: ShiftedBetaGeometricParameters, t: number): number {
  return renewalSurvival(parameters, t - 1) * (1 - retentionRate(parameters, t));
}

/**
 * Discounted expected lifetime of a new subscriber in periods; the first period counts in full:
 * 2F1(1, beta; alpha + beta; 1 / (1 + d)) (Fader & Hardie 2010, Marketing Science 29:85-93).
 * @throws InvalidArgument unless d > 0 per period: without discount it may be infinite
 */
export function discountedLifetime(
  parameters: ShiftedBetaGeometricParameters,
  discount: number,
): number {
  requireParameters(parameters);
  requirePositive('The discount per period', discount);
  const { alpha, beta } = parameters;
  return gauss2F1(1, beta, alpha + beta, 1 / (1 + discount));
}

/**
 * DERL: discounted expected residual lifetime of a subscriber in period n, after n - 1 renewals and just before the n-th
 * is due: r_n 2F1(1, beta + n; alpha + beta + n; 1 / (1 + d)). The payment now due is not discounted (Fader & Hardie
 * 2010).
 * @throws InvalidParameters, InvalidArgument
 */
export function discountedResidualLifetime(
  parameters: ShiftedBetaGeometricParameters,
  { period, discount }: { period: number; discount: number },
): number {
  const rate = retentionRate(parameters, period);
  const { alpha, beta } = parameters;
  return rate * discountedLifetime({ alpha, beta: beta + period }, discount);
}
