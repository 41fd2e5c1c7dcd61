import { InvalidArgument } from '../refusals.ts';
import type { HistoryGroup } from './purchase-history.ts';
import { requireParameters } from './require.ts';

/** Independent normal priors on the logarithms of the parameters. */
export interface LogNormalPrior<P> {
  /** The median of each parameter, in the unit of time of the histories. */
  centres: P;
  /** Of each logarithm; at 1, two thirds of the prior lie within a factor 2.7 of the centre. */
  sd: number;
}

/** @throws InvalidParameters, InvalidArgument */
export function requirePrior<P extends object>({ centres, sd }: LogNormalPrior<P>): void {
  requireParameters(centres);
  if (!(sd > 0 && sd < Number.POSITIVE_INFINITY)) {
    throw new InvalidArgument('The sd of a prior', 'a finite number above 0', sd);
  }
}

/** Adds the prior's share to the value and gradient of minus the log-likelihood, all over `n`. */
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

/** The pace of a body of customers, by which priors and first guesses get their unit of time. */
export interface Pace {
  /** Between two purchases of those who repeated; without any, the mean age. */
  meanGap: number;
  /** Of all customers, now. */
  meanAge: number;
}

/** @throws InvalidArgument when nobody has been observed for any time */
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
  if (!(age > 0)) throw new InvalidArgument('The age of some customer', 'above 0', 0);
  const meanAge = age / customers;
  return { meanGap: repeats > 0 ? active / repeats : meanAge, meanAge };
}

/**
 * The centres for (M)BG/NBD, chosen for what they mean. r = .7: rates differ by somewhat more than their mean.
 * a = .7, b = 2: one customer in four leaves after a purchase, some at once and some hardly ever; a year of
 * silence then tells something, and not everything, of whoever bought once. alpha follows from the gap seen
 * between purchases, r / alpha being the mean rate, so that the prior means the same in every unit of time
 * and in every trade. The gaps seen are rather those of quick customers, which at an sd of 1 does not matter:
 * plain fits to CDNOW lie about one sd or less from each centre.
 */
export function betaGeometricPrior(groups: readonly HistoryGroup[]) {
  const { meanGap } = paceOf(groups);
  return { centres: { r: 0.7, alpha: 0.7 * meanGap, a: 0.7, b: 2 }, sd: 1 };
}

/**
 * The centres for Pareto/NBD: r and alpha as above, s as varied as r, and beta such that the mean rate of
 * leaving, s / beta, is one in half the customers' mean age: neither is everybody gone nor nobody.
 */
export function paretoPrior(groups: readonly HistoryGroup[]) {
  const { meanGap, meanAge } = paceOf(groups);
  return { centres: { r: 0.7, alpha: 0.7 * meanGap, s: 0.7, beta: (0.7 * meanAge) / 2 }, sd: 1 };
}
