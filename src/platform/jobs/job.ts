import type { Transaction } from '../database.ts';
import type { RetryPolicy } from './retry.ts';

/** A job as its kind sees it. */
export interface Job<Data extends object = object> {
  id: string;
  /** What the kind keeps between two steps. */
  data: Data;
}

/** What a step leaves behind. */
export type StepResult<Data extends object = object> = StepProgress<Data> &
  (
    | {
        state: 'RUNNING';
        total?: number;
        /** When the next step is due; at once when absent. */
        runAt?: Date;
      }
    | { state: 'DONE' | 'FAILED' | 'CANCELLED'; outcome?: string; message?: string }
  );

interface StepProgress<Data> {
  data?: Data;
  /** How many items were processed by this step. */
  done?: number;
}

/** How a kind of job runs. Declared once, by the owner of the job. Decision 0030. */
export interface JobKind<Data extends object = object> {
  /** Stored with each job. Unique among all kinds. */
  kind: string;
  /** How many steps run at the same time: one for each workspace, or one for each job. */
  concurrency: 'WORKSPACE' | 'JOB';
  /** What computes for long runs in a thread, so that it does not block the event loop. */
  runsIn: 'PROCESS' | 'THREAD';
  /** For recurring jobs: every workspace has one, due this long after the workspace was created and after each run. */
  everyMs?: number;
  retry(job: Job<Data>): RetryPolicy;
  /**
   * Runs the next step in the transaction given, which also stores the result. Steps are kept short: whatever else
   * a workspace does may wait for them.
   */
  step(db: Transaction, job: Job<Data>, now: Date): Promise<StepResult<Data>>;
  /** How a job ends that is not retried any more. */
  describeFailure?(error: unknown): { outcome: string; message: string };
}
