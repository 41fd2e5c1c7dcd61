import type { Transaction } from '../../platform/database.ts';
import { InUse } from '../../platform/errors.ts';
import type { StepResult } from '../../platform/jobs/job.ts';
import { startJob } from '../../platform/jobs/store-jobs.ts';
import type { ChurnMode } from './risk/risk-model.ts';

/** Whether a model is activated once it is fitted. */
export const activations = ['IF_NOT_WORSE', 'ALWAYS', 'NEVER'] as const;
export type Activation = (typeof activations)[number];

/** Why a job ended as it did. */
export type JobOutcome =
  | 'ACTIVATED'
  /** Fitted, but not to be activated. */
  | 'KEPT'
  /** Fitted, and worse than the active model. */
  | 'WORSE'
  | 'INSUFFICIENT_DATA'
  /** There is enough data, but the model does not describe it. */
  | 'NOT_CONVERGED'
  /** It failed for another reason than the data. */
  | 'ERROR';

/** What a job keeps: a model is being fitted (`FITTING`), or customers are being assessed by one (`APPLYING`). */
export interface ChurnJobData {
  mode: ChurnMode;
  phase: 'FITTING' | 'APPLYING';
  activation: Activation;
  modelId: string | null;
  /** The id of the last customer assessed. Customers are assessed in the order of their ids. */
  reached: string | null;
}

export type ChurnStep = StepResult<ChurnJobData> & { outcome?: JobOutcome };

/** One job of this kind runs in a workspace. It fits a model, activates it and assesses all customers by it. */
export const churnModelKind = 'CHURN_MODEL';

/** Starts a job. @throws InUse while another one is running */
export async function startChurnJob(
  db: Transaction,
  { now, ...data }: Omit<ChurnJobData, 'reached'> & { now: Date },
): Promise<string> {
  const job = { kind: churnModelKind, data: { ...data, reached: null }, now };
  const id = await startJob(db, job);
  if (id === undefined) {
    throw new InUse(
      'The churn model',
      ['a running job'],
      'A churn-model job is already running. Wait for it to finish.',
    );
  }
  return id;
}
