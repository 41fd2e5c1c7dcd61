import type { Fit, FitFailure } from './fit-positive.ts';
import type { HistoryGroup } from './purchase-history.ts';
import type { PurchaseModel } from './purchase-model.ts';

/** There is too little to say anything. */
export interface InsufficientSample {
  reason: FitFailure['reason'] | 'TOO_FEW_CUSTOMERS' | 'TOO_FEW_REPEATS';
  message: string;
}

/** Below these a fit says more of its prior than of the customers. */
export const minCustomers = 100;
export const minRepeats = 30;
/** From here on the data speak for themselves. */
const enoughCustomers = 500;

/** What is missing for a fit; undefined if nothing is. */
export function checkSufficientData(
  groups: readonly HistoryGroup[],
): InsufficientSample | undefined {
  const customers = groups.reduce((sum, { count }) => sum + count, 0);
  const repeats = groups.reduce((sum, { x, count }) => sum + x * count, 0);
  if (customers < minCustomers) {
    return tooFew('TOO_FEW_CUSTOMERS', `${customers} of ${minCustomers} customers`);
  }
  if (repeats < minRepeats) {
    return tooFew('TOO_FEW_REPEATS', `${repeats} of ${minRepeats} repeat purchases`);
  }
  return undefined;
}

const tooFew = (reason: InsufficientSample['reason'], told: string): InsufficientSample => ({
  reason,
  message: `There are ${told} that a fit needs: wait, or choose a later time.`,
});

/** Fits a model, with a prior where there are few customers. */
export function fitGroups<P extends object>(
  model: PurchaseModel<P>,
  groups: readonly HistoryGroup[],
): Fit<P> | FitFailure | InsufficientSample {
  const missing = checkSufficientData(groups);
  if (missing) return missing;
  const customers = groups.reduce((sum, { count }) => sum + count, 0);
  return model.fit(
    groups,
    customers < enoughCustomers ? { prior: model.defaultPrior(groups) } : {},
  );
}
