import type { Transaction } from '../database.ts';
import type { RetryPolicy } from './retry.ts';

/** A job as its kind sees it. */
export interface Job<Data extends object = object> {
  id: string;
  /** Data that the kind stores between two steps. */
  data: Data;
}

/** The result of a step. */
export type StepResult<Data extends object = object> = StepProgress<Data> &
  (
    | {
        state: 'RUNNING';
        total?: number;
        /** When the next step is due; immediately if absent. */
        runAt?: Date;
      }
    | { state: 'DONE' | 'FAILED' | 'CANCELLED'; outcome?: string; message?: string }
  );

interface StepProgress<Data> {
  data?: Data;
  /** The number of items processed by this step. */
  done?: number;
}

/** How a kind of job runs. Declared once, by the owner of the job. Decision 0030. */
export interface JobKind<Data extends object = object> {
  /** Stored with each job. Unique among all kinds. */
  kind: string;
  /** The steps that may run at the same time: one for each workspace, or one for each job. */
  concurrency: 'WORKSPACE' | 'JOB';
  /** Long computations run in a thread, so that they do not block the event loop. */
  runsIn: 'PROCESS' | 'THREAD';
  /** For recurring jobs: every workspace has one, due this long after the workspace was created and after each run. */
  everyMs?: number;
  retry(job: Job<Data>): RetryPolicy;
  /**
   * Runs the next step in the transaction given, which also stores the result. Keep steps short, because other work of
   * the workspace may wait for them.
   */
  step(db: Transaction, job: Job<Data>, now: Date): Promise<StepResult<Data>>;
  /** The outcome and message of a job that failed for good. */
  describeFailure?(error: unknown): { outcome: string; message: string };
}
