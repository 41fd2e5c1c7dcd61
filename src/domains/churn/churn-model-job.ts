import { QueryTooSlow } from '../../platform/errors.ts';
import type { JobKind } from '../../platform/jobs/job.ts';
import { retryForever } from '../../platform/jobs/retry.ts';
import { isQueryTooSlow } from '../../platform/storage-errors.ts';
import { TaskTooLarge } from '../../platform/worker-threads.ts';
import { type ChurnJobData, churnModelKind, type JobOutcome } from './jobs.ts';
import { runChurnStep } from './run-churn-step.ts';

/** What a step may take. */
export const backgroundMs = 600_000;

/** Fits a model and assesses all customers by it. */
export const churnModelJob: JobKind<ChurnJobData> = {
  kind: churnModelKind,
  concurrency: 'WORKSPACE',
  runsIn: 'THREAD',
  // A fit that failed would fail again. Customers are not left half assessed by a model, however often it takes.
  retry: ({ data }) =>
    data.phase === 'FITTING' ? { ...retryForever, maxAttempts: 1 } : retryForever,
  step: runChurnStep,
  describeFailure: (error) => ({
    outcome: 'ERROR' satisfies JobOutcome,
    message: reasonOf(error),
  }),
};

function reasonOf(error: unknown): string {
  if (error instanceof QueryTooSlow || isQueryTooSlow(error))
    return `It took longer than ${backgroundMs / 60_000} minutes`;
  if (error instanceof TaskTooLarge) return error.message;
  return 'It failed unexpectedly; the log of the server says how';
}
