import type { Transaction } from '../database.ts';
import { sql } from '../sql.ts';
import { claimJob, type DueJob } from './claim-job.ts';
import type { JobKind, StepResult } from './job.ts';
import { nextAttempt } from './retry.ts';
import { storeStep } from './store-jobs.ts';

/**
 * Runs the next step of a job in the transaction given. Returns whether the next step is due immediately.
 *
 * @throws JobCancelled, and the errors of the step: the transaction must be rolled back
 */
export async function runJobStep(db: Transaction, due: DueJob, now: Date): Promise<boolean> {
  const job = await claimJob(db, due, now);
  if (!job) return false;
  const result = recur(due.kind, await due.kind.step(db, job, now), now);
  await storeStep(db, { id: job.id, result, now });
  return result.state !== 'RUNNING' || result.runAt === undefined;
}

/** A recurring job does not end: it waits for its next run. */
function recur({ everyMs }: JobKind, result: StepResult, now: Date): StepResult {
  if (everyMs === undefined || result.state === 'RUNNING') return result;
  return { state: 'RUNNING', runAt: new Date(now.getTime() + everyMs) };
}

/** Records a failed step: schedules its retry, or ends the job. */
export async function recordFailure(
  db: Transaction,
  due: DueJob,
  { error, now }: { error: unknown; now: Date },
): Promise<void> {
  const job = await claimJob(db, due, now);
  // Another server has claimed it meanwhile, or it was cancelled.
  if (!job) return;
  const { kind } = due;
  const attempts = job.attempts + 1;
  const runAt = nextAttempt(kind.retry(job), attempts, now);
  if (runAt) {
    await db.query(sql`
      update job set attempts = ${attempts}, run_at = ${runAt}
        where workspace_id = ${db.workspaceId} and id = ${job.id}`);
    return;
  }
  const end = { state: 'FAILED', ...kind.describeFailure?.(error) } as const;
  await storeStep(db, { id: job.id, result: recur(kind, end, now), now });
}
