import type { Database } from '../database.ts';
import type { Log } from '../log.ts';
import type { Round } from '../rounds.ts';
import { isStorageUnavailable } from '../storage-errors.ts';
import type { Clock } from '../time/clock.ts';
import type { DueJob } from './claim-job.ts';
import type { JobKind } from './job.ts';
import { recordFailure, runJobStep } from './run-step.ts';
import { JobCancelled } from './store-jobs.ts';
import { findDueJobs, findWorkspaces } from './visit-workspace.ts';

/** A step for a thread to run by `runJobStep`. */
export interface ThreadStep {
  workspaceId: string;
  jobId: string;
  now: Date;
}

export interface JobRunnerOptions {
  database: Database;
  kinds: readonly JobKind[];
  log: Log;
  now: Clock;
  /** Runs the step of a job in a thread. Returns whether the next step is due immediately. */
  runInThread(step: ThreadStep, signal: AbortSignal): Promise<boolean>;
}

export interface JobRunner {
  /** Runs one step of every due job. Jobs in threads continue in parallel. */
  round: Round<string>;
  /** Aborts the running steps. Another runner, or the next start, continues their jobs. */
  stop(): Promise<void>;
}

/** Runs the jobs of all workspaces. Several servers may have a runner: one of them claims each step. */
export function createJobRunner(options: JobRunnerOptions): JobRunner {
  const { database, kinds, log, now, runInThread } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const inThreads = new Map<string, Promise<void>>();

  async function visit(workspaceId: string): Promise<boolean> {
    const jobs = await database.inWorkspace(workspaceId, (db) => findDueJobs(db, kinds, now()));
    let isBusy = false;
    for (const job of jobs) {
      if (signal.aborted) return false;
      if (job.kind.runsIn === 'THREAD') startInThread(workspaceId, job);
      else if (await attempt(workspaceId, job, runInProcess)) isBusy = true;
    }
    return isBusy;
  }

  const runInProcess = (workspaceId: string, job: DueJob) =>
    database.inWorkspace(workspaceId, (db) => runJobStep(db, job, now()));

  function startInThread(workspaceId: string, job: DueJob) {
    if (inThreads.has(job.id)) return;
    const running = runAllSteps(workspaceId, job)
      .catch((error: unknown) => log.warn({ err: error }, 'Jobs cannot run; retrying'))
      .finally(() => inThreads.delete(job.id));
    inThreads.set(job.id, running);
  }

  async function runAllSteps(workspaceId: string, job: DueJob) {
    const step = () => runInThread({ workspaceId, jobId: job.id, now: now() }, signal);
    while (!signal.aborted && (await attempt(workspaceId, job, step)));
  }

  /** Records a failed step with its job, unless the database is unavailable. */
  async function attempt(
    workspaceId: string,
    job: DueJob,
    step: (workspaceId: string, job: DueJob) => Promise<boolean>,
  ): Promise<boolean> {
    try {
      return await step(workspaceId, job);
    } catch (error) {
      if (signal.aborted || error instanceof JobCancelled) return false;
      if (isStorageUnavailable(error)) throw error;
      log.error({ err: error, kind: job.kind.kind, workspaceId }, 'Job step failed');
      await database.inWorkspace(workspaceId, (db) =>
        recordFailure(db, job, { error, now: now() }),
      );
      return false;
    }
  }

  return {
    round: {
      find: () => findWorkspaces(database, now()),
      run: visit,
      failure: 'Jobs cannot run; retrying',
    },
    async stop() {
      stopping.abort();
      await Promise.all(inThreads.values());
    },
  };
}
