import { InvalidArgument } from '../refusals.ts';
import type { HistoryGroup } from './purchase-history.ts';
import { requireParameters } from './require.ts';

/** Independent normal priors for the logarithms of the parameters. */
export interface LogNormalPrior<P> {
  /** The median of each parameter, in the unit of time of the histories. */
  centres: P;
  /** Of each logarithm; at 1, two thirds of the prior lie within a factor of 2.7 of the centre. */
  sd: number;
}

/** @throws InvalidParameters, InvalidArgument */
export function requirePrior<P extends object>({ centres, sd }: LogNormalPrior<P>): void {
  requireParameters(centres);
  if (!(sd > 0 && sd < Number.POSITIVE_INFINITY)) {
    throw new InvalidArgument('The sd of a prior', 'a finite number above 0', sd);
  }
}

/** Adds the prior to the value and gradient of the negative mean log-likelihood: both are divided by `n`. */
export function addPrior(
  { logCentres, sd, n }: { logCentres: Float64Array; sd: number; n: number },
  logPoint: Float64Array,
  gradient: Float64Array,
): number {
  let penalty = 0;
  for (let i = 0; i < logPoint.length; i += 1) {
    const distance = ((logPoint[i] ?? 0) - (logCentres[i] ?? 0)) / sd;
    penalty += (distance * distance) / 2;
    gradient[i] = (gradient[i] ?? 0) + distance / (sd * n);
  }
  return penalty / n;
}

/** The time scale of customers, from which priors and starting points get their unit of time. */
export interface Pace {
  /** The mean time between purchases of customers with repeats; without any, the mean age. Above 0. */
  meanGap: number;
  /** The mean age of all customers. Above 0. */
  meanAge: number;
}

/**
 * A prior must exist for every sample, also on the first day: where no customer has an age, one unit of time is assumed.
 * Decision 0045.
 */
export function paceOf(groups: readonly HistoryGroup[]): Pace {
  let customers = 0;
  let age = 0;
  let repeats = 0;
  let active = 0;
  for (const { x, tx, T, count } of groups) {
    customers += count;
    age += count * T;
    repeats += count * x;
    active += count * tx;
  }
  const meanAge = age > 0 ? age / customers : 1;
  return { meanGap: repeats > 0 && active > 0 ? active / repeats : meanAge, meanAge };
}

/**
 * The centres for (M)BG/NBD. r = .7: purchase rates vary by somewhat more than their mean. a = .7, b = 2: one customer in
 * four drops out after a purchase, with large variation between customers, so that a year of silence after one purchase
 * is informative but not conclusive. alpha follows from the observed gap between purchases, because r / alpha is the
 * mean rate; so the prior is the same in every unit of time and for every kind of shop. The observed gaps
 * over-represent frequent buyers, which an sd of 1 tolerates: maximum-likelihood fits to CDNOW are within about one sd
 * of each centre.
 */
export function betaGeometricPrior(groups: readonly HistoryGroup[]) {
  const { meanGap } = paceOf(groups);
  return { centres: { r: 0.7, alpha: 0.7 * meanGap, a: 0.7, b: 2 }, sd: 1 };
}

/**
 * The centres for Pareto/NBD: r and alpha as above, s with the variation of r, and beta such that at the mean drop-out
 * rate, s / beta, the mean lifetime is half the mean age: neither all customers nor none have dropped out.
 */
export function paretoPrior(groups: readonly HistoryGroup[]) {
  const { meanGap, meanAge } = paceOf(groups);
  return { centres: { r: 0.7, alpha: 0.7 * meanGap, s: 0.7, beta: (0.7 * meanAge) / 2 }, sd: 1 };
}
