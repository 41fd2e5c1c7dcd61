import { demandPositive } from '../../../statistics/models/demand.ts';
import type { HazardCase } from './hazard-design.ts';

/** Below these, a fitted hazard says more of chance than of subscribers. */
export const minDecided = 100;
export const minPerOutcome = 30;

/** There are too few decided renewals for a fit: the baseline has to do. */
export interface InsufficientRenewals {
  converged: false;
  reason: 'INSUFFICIENT';
  decided: number;
  lost: number;
  /** How many more are needed: decided at all, lost, and renewed. */
  missing: { decided: number; lost: number; renewed: number };
  message: string;
}

type Counted = Pick<HazardCase<string>, 'isLost' | 'count'>;

/**
 * How many renewals were decided, and how many of them did not come.
 * @throws InvalidArgument for a count that is no finite number above 0
 */
export function countOutcomes(cases: readonly Counted[]): { decided: number; lost: number } {
  let [decided, lost] = [0, 0];
  for (const { isLost, count = 1 } of cases) {
    demandPositive('The count of a renewal', count);
    decided += count;
    if (isLost) lost += count;
  }
  return { decided, lost };
}

/** What is missing for a fit; null when there is enough. @throws InvalidArgument as counting does */
export function checkSufficientRenewals(cases: readonly Counted[]): InsufficientRenewals | null {
  const { decided, lost } = countOutcomes(cases);
  const missing = {
    decided: Math.max(0, minDecided - decided),
    lost: Math.max(0, minPerOutcome - lost),
    renewed: Math.max(0, minPerOutcome - (decided - lost)),
  };
  if (missing.decided + missing.lost + missing.renewed === 0) return null;
  const message = `A fit needs ${minDecided} decided renewals, ${minPerOutcome} of them lost and ${minPerOutcome} made; there are ${decided}, of which ${lost} were lost. Until then the baseline of the plan has to do.`;
  return { converged: false, reason: 'INSUFFICIENT', decided, lost, missing, message };
}
