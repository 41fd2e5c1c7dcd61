import type { InsufficientSample } from '../../statistics/models/fit-groups.ts';
import type { JobOutcome } from './jobs.ts';

/** Why no model was fitted, and what to do. */
export interface FailedFit {
  outcome: Extract<JobOutcome, 'INSUFFICIENT_DATA' | 'NOT_CONVERGED'>;
  message: string;
}

/** There are enough data in these cases, but the model does not describe them. */
const unsuitable: ReadonlyArray<InsufficientSample['reason']> = ['NOT_CONVERGED', 'NOT_DETERMINED'];

const advice =
  'No prior helped. The active model remains; fit again when there are more data, or set another `activity` with `updateChurnSettings`.';

export function toFailedFit({ reason, message }: InsufficientSample): FailedFit {
  return unsuitable.includes(reason)
    ? { outcome: 'NOT_CONVERGED', message: `${message} ${advice}` }
    : { outcome: 'INSUFFICIENT_DATA', message };
}
