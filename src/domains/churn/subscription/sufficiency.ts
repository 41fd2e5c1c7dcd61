import { requirePositive } from '../../../statistics/models/require.ts';
import type { HazardCase } from './hazard-design.ts';

/** Below these, a fitted hazard says more of chance than of subscribers. */
export const fewestDecided = 100;
export const fewestOfEither = 30;

/** There are too few decided renewals for a fit: the baseline has to do. */
export interface Insufficient {
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
    requirePositive('The count of a renewal', count);
    decided += count;
    if (isLost) lost += count;
  }
  return { decided, lost };
}

/** What is missing for a fit; null when there is enough. @throws InvalidArgument as counting does */
export function insufficiencyOf(cases: readonly Counted[]): Insufficient | null {
  const { decided, lost } = countOutcomes(cases);
  const missing = {
    decided: Math.max(0, fewestDecided - decided),
    lost: Math.max(0, fewestOfEither - lost),
    renewed: Math.max(0, fewestOfEither - (decided - lost)),
  };
  if (missing.decided + missing.lost + missing.renewed === 0) return null;
  const message = `A fit needs ${fewestDecided} decided renewals, ${fewestOfEither} of them lost and ${fewestOfEither} made; there are ${decided}, of which ${lost} were lost. Until then the baseline of the plan has to do.`;
  return { converged: false, reason: 'INSUFFICIENT', decided, lost, missing, message };
}
