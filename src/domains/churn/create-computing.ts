import { extname } from 'node:path';
import { QueryTooSlow, RateLimited } from '../../platform/errors.ts';
import { createFairGate } from '../../platform/fair-gate.ts';
import { unpackError } from '../../platform/thread-errors.ts';
import { createWorkerThreads, threadSlots } from '../../platform/worker-threads.ts';
import { InsufficientData } from './churn-backtest.ts';
import { backgroundMs } from './churn-model-job.ts';
import type { ChurnTask, ChurnTaskResult } from './churn-tasks.ts';

type Kind = ChurnTask['kind'];
type TaskOf<K extends Kind> = { kind: K } & Omit<Extract<ChurnTask, { kind: K }>, 'statementMs'>;

/** Runs computations over all customers of a workspace in worker threads, off the event loop. */
export interface Computing {
  /**
   * Runs a task that a client waits for, within the time limit of one operation.
   *
   * @throws RateLimited when it cannot start in time, QueryTooSlow, TaskTooLarge; the signal's reason when it aborts
   */
  compute<K extends Kind>(task: TaskOf<K>, signal: AbortSignal): Promise<ChurnTaskResult[K]>;
  /** Runs a task that no client waits for: one at a time, workspaces in turn. */
  computeInBackground<K extends Kind>(
    task: TaskOf<K>,
    signal: AbortSignal,
  ): Promise<ChurnTaskResult[K]>;
  /** Terminates running tasks. */
  end(): Promise<void>;
}

/** The longest delay of a timer. */
const unlimitedMs = 2 ** 31 - 1;
const idleMs = 60_000;

export interface ComputingOptions {
  databaseUrl: string;
  /** The URL of the module that exports the list `domains`, which every thread hands to its engine. */
  domainsUrl: string;
  cores?: number;
  maxHeapMb?: number;
  /** Time limit of an operation, minus the time that its response takes. */
  operationMs?: number;
  /** A task that waits longer than this would hardly finish in time. */
  maxWaitMs?: number;
}

export function createComputing(options: ComputingOptions): Computing {
  const { databaseUrl, domainsUrl, cores, maxHeapMb = 512 } = options;
  const { operationMs = 9_500, maxWaitMs = 5_000 } = options;
  const slots = threadSlots(cores);
  const threads = createWorkerThreads({
    module: new URL(`./churn-worker${extname(import.meta.url)}`, import.meta.url),
    workerData: { databaseUrl, domainsUrl },
    maxHeapMb,
    idleMs,
  });
  const foreground = createFairGate({
    slots: slots.foreground,
    slotsPerKey: 1,
    maxWaitingPerKey: 10,
    maxWaitMs,
    refuse: () =>
      new RateLimited(
        'Back-tests and lifetime values are computed one at a time per workspace. Others are queued; retry later.',
        maxWaitMs,
      ),
  });
  const background = createFairGate({
    slots: slots.background,
    slotsPerKey: 1,
    maxWaitingPerKey: 1,
    maxWaitMs: unlimitedMs,
  });

  async function run<K extends Kind>(task: TaskOf<K>, statementMs: number, signal: AbortSignal) {
    const result = await threads.run({ ...task, statementMs }, signal);
    if ('error' in result) throw unpackError(result.error, [InsufficientData]);
    return result.value as ChurnTaskResult[K];
  }

  /** Aborts work that takes longer than `ms` and throws QueryTooSlow. */
  async function within<T>(
    ms: number,
    signal: AbortSignal,
    begin: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const deadline = AbortSignal.timeout(ms);
    return begin(AbortSignal.any([signal, deadline])).catch((error: unknown) => {
      throw error === deadline.reason ? new QueryTooSlow({ cause: error }) : error;
    });
  }

  return {
    compute: (task, signal) =>
      within(operationMs, signal, (either) =>
        foreground.run(task.workspaceId, () => run(task, operationMs, either), either),
      ),
    computeInBackground(task, signal) {
      const work = () => within(backgroundMs, signal, (either) => run(task, backgroundMs, either));
      return background.run(task.workspaceId, work, signal);
    },
    end: threads.end,
  };
}
