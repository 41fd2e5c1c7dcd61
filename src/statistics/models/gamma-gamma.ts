import { InvalidParameters, InvalidPurchase } from '../refusals.ts';
import { type Fit, type FitFailure, failure, fitPositive } from './fit-positive.ts';
import type { LogNormalPrior } from './log-normal-prior.ts';
import { digamma } from './numerics/digamma.ts';
import { logBeta } from './numerics/log-beta.ts';
import { requireParameters } from './require.ts';

/** p: shape of a customer's purchase values; q, v: gamma distribution of their scales, v in the unit of money. */
export interface GammaGammaParameters {
  p: number;
  /** Above 1: otherwise the mean value of a purchase is infinite. */
  q: number;
  v: number;
}

/** The spend of a customer with repeat purchases. */
export interface Spend {
  /** Repeat purchases. */
  x: number;
  /** Mean value of the repeat purchases, in any one unit of money. */
  m: number;
  /** The number of customers with these values. Default: 1. */
  count?: number;
}

/** Above this, a double cannot represent every minor unit. */
export const maxModelAmount = Number.MAX_SAFE_INTEGER;

function requireSpend({ x, m, count = 1 }: Spend): void {
  if (!(Number.isSafeInteger(x) && x > 0 && count > 0 && count < Number.POSITIVE_INFINITY)) {
    throw new InvalidPurchase(
      `Spend requires repeat purchases, but ${count} customers have ${x}. Omit them.`,
    );
  }
  if (!(m > 0 && m <= maxModelAmount)) {
    throw new InvalidPurchase(
      `A mean value of ${m} is invalid. Omit customers whose repeat purchases have no positive net value.`,
    );
  }
}

const toInner = ({ p, q, v }: GammaGammaParameters) => ({ p, excess: q - 1, v });
const toOuter = ({ p, excess, v }: ReturnType<typeof toInner>) => ({ p, q: 1 + excess, v });

/**
 * Fits the Gamma-Gamma model of spend (Colombo & Jiang 1999; Fader & Hardie note 025) to the customers with repeat
 * purchases; the first purchase is in neither x nor m. Fits q - 1, so that q > 1.
 * @throws InvalidPurchase for a mean value that is not above 0
 */
export function fitGammaGamma(
  spends: readonly Spend[],
  { prior }: { prior?: LogNormalPrior<GammaGammaParameters> } = {},
): Fit<GammaGammaParameters> | FitFailure {
  let n = 0;
  for (const spend of spends) {
    requireSpend(spend);
    n += spend.count ?? 1;
  }
  if (n === 0) return failure('NO_CUSTOMERS', { n });
  const { sd, centres } = prior ?? defaultSpendPrior(spends);
  const inner = { sd, centres: toInner(centres) };
  const found = fitPositive({
    names: ['p', 'excess', 'v'],
    n,
    starts: [inner.centres, { p: 1, excess: 1, v: inner.centres.v }],
    meanLogLikelihood: gammaGammaLikelihood(spends, n),
    prior: prior && inner,
  });
  if (!found.converged) return found;
  const { p, excess: q, v } = found.standardErrors;
  return { ...found, parameters: toOuter(found.parameters), standardErrors: { p, q, v } };
}

/**
 * p = 6: the purchases of a customer vary by 40 % around their mean; q = 4: these means vary by 70 % between customers,
 * from 1/sqrt(p) and 1/sqrt(q - 2). v gives the population the observed mean value, so the prior fits any currency.
 * @throws InvalidPurchase when no customer has repeat purchases
 */
export function defaultSpendPrior(spends: readonly Spend[]): LogNormalPrior<GammaGammaParameters> {
  let customers = 0;
  let sum = 0;
  for (const { m, count = 1 } of spends) {
    customers += count;
    sum += count * m;
  }
  if (!(sum > 0))
    throw new InvalidPurchase('No customer has repeat purchases, so spend is unknown.');
  return { centres: { p: 6, q: 4, v: ((sum / customers) * 3) / 6 }, sd: 1 };
}

/**
 * ln L = -ln m - ln B(p x, q) + q ln(v / (v + x m)) + p x ln(x m / (v + x m)): its mean, and its gradient in p, q - 1
 * and v.
 */
export function gammaGammaLikelihood(spends: readonly Spend[], n: number) {
  const byRepeats = [...Map.groupBy(spends, ({ x }) => x)];
  return (parameters: Float64Array, gradient: Float64Array): number => {
    const [p = 0, excess = 0, v = 0] = parameters;
    const q = 1 + excess;
    const digammaQ = digamma(q);
    let [value, byP, byQ, byV] = [0, 0, 0, 0];
    for (const [x, alike] of byRepeats) {
      const shape = p * x;
      const both = digamma(shape + q);
      const [slopeP, slopeQ] = [x * (both - digamma(shape)), both - digammaQ];
      const constant = -logBeta(shape, q);
      for (const { m, count = 1 } of alike) {
        const share = count / n;
        const logScale = Math.log(v / (v + x * m));
        const logSpent = Math.log((x * m) / (v + x * m));
        value += share * (constant - Math.log(m) + q * logScale + shape * logSpent);
        byP += share * (slopeP + x * logSpent);
        byQ += share * (slopeQ + logScale);
        byV += share * (q / v - (shape + q) / (v + x * m));
      }
    }
    gradient.set([byP, byQ, byV]);
    return value;
  };
}

/**
 * E[M | x, m] = p (v + x m) / (p x + q - 1): the mean value of a customer's future purchases. With x = 0 it is the mean
 * of the population, and m is ignored.
 * @throws InvalidParameters, also for q <= 1; InvalidPurchase
 */
export function expectedValue(
  parameters: GammaGammaParameters,
  { x, m }: { x: number; m: number | null },
): number {
  requireParameters(parameters);
  const { p, q, v } = parameters;
  if (q <= 1) throw new InvalidParameters('q', q, 'above 1');
  if (x === 0) return (p * v) / (q - 1);
  if (m === null) throw new InvalidPurchase('A customer with repeat purchases needs a mean value.');
  requireSpend({ x, m });
  return (p * (v + x * m)) / (p * x + q - 1);
}
