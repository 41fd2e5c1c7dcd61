import type { Fit, FitFailure } from './fit-positive.ts';
import type { HistoryGroup } from './purchase-history.ts';
import type { PurchaseModel } from './purchase-model.ts';

/** There is too little data for a fit. */
export interface InsufficientSample {
  reason: FitFailure['reason'] | 'TOO_FEW_CUSTOMERS' | 'TOO_FEW_REPEATS';
  message: string;
}

/** Below these numbers a fit depends more on its prior than on the data. */
export const minCustomers = 100;
export const minRepeats = 30;
/** From this number on, a fit is tried without a prior. */
const minCustomersWithoutPrior = 500;

/** Describes missing data; undefined if there is enough for a fit. */
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

const tooFew = (reason: InsufficientSample['reason'], shortage: string): InsufficientSample => ({
  reason,
  message: `There are only ${shortage} that a fit needs. Wait, or choose a later time.`,
});

/**
 * Fits a model, with a prior if there are few customers, or if the data alone do not determine the parameters: many
 * customers who all buy regularly tell as little of the variation between customers as few do. Decision 0045.
 */
export function fitGroups<P extends object>(
  model: PurchaseModel<P>,
  groups: readonly HistoryGroup[],
): Fit<P> | FitFailure | InsufficientSample {
  const missing = checkSufficientData(groups);
  if (missing) return missing;
  const customers = groups.reduce((sum, { count }) => sum + count, 0);
  const plain = customers < minCustomersWithoutPrior ? undefined : model.fit(groups, {});
  return plain?.converged ? plain : model.fit(groups, { prior: model.defaultPrior(groups) });
}
