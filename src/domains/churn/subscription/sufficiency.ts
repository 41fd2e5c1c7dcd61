import { requirePositive } from '../../../statistics/models/require.ts';
import type { HazardCase } from './hazard-design.ts';

/** Minimum data of a fit: with less, a hazard mostly reflects chance. */
export const minDecided = 100;
export const minPerOutcome = 30;

/** There are too few decided renewals for a fit: the baseline is used instead. */
export interface InsufficientRenewals {
  converged: false;
  reason: 'INSUFFICIENT';
  decided: number;
  lost: number;
  /** How many more decided, lost and renewed cases are needed. */
  missing: { decided: number; lost: number; renewed: number };
  message: string;
}

type Counted = Pick<HazardCase<string>, 'isLost' | 'count'>;

/**
 * Counts the decided and the lost renewals.
 * @throws InvalidArgument for a count that is no finite number above 0
 */
export function countOutcomes(cases: readonly Counted[]): { decided: number; lost: number } {
  let [decided, lost] = [0, 0];
  for (const { isLost, count = 1 } of cases) {
    requirePositive('The count of a renewal', count);
    decided += count;
    if (isLost) lost += count;
  }
  return { decided, lost };
}

/** Checks that the data suffice for a fit: null if so, otherwise what is missing. @throws InvalidArgument for an invalid count */
export function checkSufficientRenewals(cases: readonly Counted[]): InsufficientRenewals | null {
  const { decided, lost } = countOutcomes(cases);
  const missing = {
    decided: Math.max(0, minDecided - decided),
    lost: Math.max(0, minPerOutcome - lost),
    renewed: Math.max(0, minPerOutcome - (decided - lost)),
  };
  if (missing.decided + missing.lost + missing.renewed === 0) return null;
  const message = `A fit needs ${minDecided} decided renewals, ${minPerOutcome} of them lost and ${minPerOutcome} made; there are ${decided}, of which ${lost} were lost. Until then, the baseline of the plan is used.`;
  return { converged: false, reason: 'INSUFFICIENT', decided, lost, missing, message };
}
