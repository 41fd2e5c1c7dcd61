import type { Fit, FitFailure } from './fit-positive.ts';
import type { HistoryGroup } from './purchase-history.ts';
import type { PurchaseModel } from './purchase-model.ts';

/** There is too little to say anything. */
export interface Insufficient {
  reason: FitFailure['reason'] | 'TOO_FEW_CUSTOMERS' | 'TOO_FEW_REPEATS';
  message: string;
}

/** Below these a fit says more of its prior than of the customers. */
export const fewestCustomers = 100;
export const fewestRepeats = 30;
/** From here on the data speak for themselves. */
const enoughCustomers = 500;

/** What is missing for a fit; undefined if nothing is. */
export function whatIsMissing(groups: readonly HistoryGroup[]): Insufficient | undefined {
  const customers = groups.reduce((sum, { count }) => sum + count, 0);
  const repeats = groups.reduce((sum, { x, count }) => sum + x * count, 0);
  if (customers < fewestCustomers) {
    return tooFew('TOO_FEW_CUSTOMERS', `${customers} of ${fewestCustomers} customers`);
  }
  if (repeats < fewestRepeats) {
    return tooFew('TOO_FEW_REPEATS', `${repeats} of ${fewestRepeats} repeat purchases`);
  }
  return undefined;
}

const tooFew = (reason: Insufficient['reason'], told: string): Insufficient => ({
  reason,
  message: `There are ${told} that a fit needs: wait, or choose a later time.`,
});

/** Fits a model, with a prior where there are few customers. */
export function fitGroups<P extends object>(
  model: PurchaseModel<P>,
  groups: readonly HistoryGroup[],
): Fit<P> | FitFailure | Insufficient {
  const missing = whatIsMissing(groups);
  if (missing) return missing;
  const customers = groups.reduce((sum, { count }) => sum + count, 0);
  return model.fit(
    groups,
    customers < enoughCustomers ? { prior: model.defaultPrior(groups) } : {},
  );
}
