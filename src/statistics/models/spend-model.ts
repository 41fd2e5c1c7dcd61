import { minRepeats } from './fit-groups.ts';
import {
  defaultSpendPrior,
  expectedValue,
  fitGammaGamma,
  type GammaGammaParameters,
  type Spend,
} from './gamma-gamma.ts';

/** The mean value of all purchases, for customers whose spend Gamma-Gamma does not describe. */
export interface PooledSpend {
  mean: number;
}

/** What is expected of the value of future purchases, in minor units. */
export type SpendModel = GammaGammaParameters | PooledSpend;

/** How a model of spend was estimated, from the most to the least informative. */
export const spendSources = ['FIT', 'FIT_WITH_PRIOR', 'POOLED_MEAN'] as const;
export type SpendSource = (typeof spendSources)[number];

/**
 * Fits spend: Gamma-Gamma; with a prior where the data alone do not determine it, as with a single price, or come from
 * few customers; else the mean of all. Null without any repeat purchase. Decision 0045.
 */
export function fitSpend(
  spends: readonly Spend[],
): { model: SpendModel; source: SpendSource } | null {
  if (spends.length === 0) return null;
  const customers = spends.reduce((sum, { count = 1 }) => sum + count, 0);
  const plain = customers < minRepeats ? undefined : fitGammaGamma(spends);
  if (plain?.converged) return { model: plain.parameters, source: 'FIT' };
  const withPrior = fitGammaGamma(spends, { prior: defaultSpendPrior(spends) });
  if (withPrior.converged) return { model: withPrior.parameters, source: 'FIT_WITH_PRIOR' };
  return { model: { mean: meanOf(spends) }, source: 'POOLED_MEAN' };
}

function meanOf(spends: readonly Spend[]): number {
  let [purchases, sum] = [0, 0];
  for (const { x, m, count = 1 } of spends) {
    purchases += count * x;
    sum += count * x * m;
  }
  return sum / purchases;
}

/** The mean value of a customer's future purchases; that of all customers if its own spend is unknown. */
export function expectedSpend(model: SpendModel, known: { x: number; m: number } | null): number {
  if ('mean' in model) return model.mean;
  return expectedValue(model, known ?? { x: 0, m: null });
}
