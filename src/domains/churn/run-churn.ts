import { renewBuilding } from '../../engine/builds/running-build.ts';
import type { Database, Sql } from '../../platform/database.ts';
import { QueryTooSlow } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { isQueryTooSlow, isStorageUnavailable } from '../../platform/storage-errors.ts';
import type { Clock } from '../../platform/time/clock.ts';
import { TaskTooLarge } from '../../platform/worker-threads.ts';
import { backgroundMs, type Computing } from './create-computing.ts';
import { endJob, hasRunningJob, takeRunningJob } from './jobs.ts';

/** What takes on the jobs of churn models, beside whatever else the server does. */
export interface ChurnRunner {
  /** Sees to it that the job of a workspace, if there is one, is under way. */
  start(workspaceId: string): void;
  /** Drops what is under way; the job goes on with the next start. */
  stop(): Promise<void>;
}

/**
 * Takes jobs on step by step, each step in a worker thread. Any number of servers may run one: the one that finds a job
 * being worked on leaves it alone.
 */
export function createChurnRunner(options: {
  database: Database;
  computing: Pick<Computing, 'computeInBackground'>;
  log: Log;
  now: Clock;
}): ChurnRunner {
  const { database, computing, log, now } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = new Map<string, Promise<void>>();
  // Said once per outage, not once per try.
  let hasFailed = false;

  const hasJob = (workspaceId: string) =>
    database.inWorkspace(workspaceId, async (sql) => {
      if (await hasRunningJob(sql, workspaceId)) return true;
      await renewBuilding(sql, workspaceId);
      return false;
    });
  const takeStep = (workspaceId: string) =>
    computing.computeInBackground({ kind: 'JOB_STEP', workspaceId, now: now() }, signal);

  async function run(workspaceId: string) {
    try {
      while (!signal.aborted && (await hasJob(workspaceId)) && (await takeStep(workspaceId)));
      hasFailed = false;
    } catch (error) {
      tell(error);
      if (signal.aborted || isStorageUnavailable(error)) return;
      const giveUp = (sql: Sql) => giveUpFit(sql, workspaceId, { error, now: now() });
      await database.inWorkspace(workspaceId, giveUp).catch(tell);
    }
  }

  function tell(error: unknown) {
    if (signal.aborted || hasFailed) return;
    hasFailed = true;
    const level = isStorageUnavailable(error) ? 'warn' : 'error';
    log[level]({ err: error }, 'The job of a churn model failed');
  }

  return {
    start(workspaceId) {
      if (running.has(workspaceId) || signal.aborted) return;
      const ended = run(workspaceId).finally(() => running.delete(workspaceId));
      running.set(workspaceId, ended);
    },
    async stop() {
      stopping.abort();
      await Promise.all(running.values());
    },
  };
}

/**
 * What failed once for a reason of its own would fail again at every look. Customers half assessed by a model are
 * not left so, however often it takes.
 */
async function giveUpFit(
  sql: Sql,
  workspaceId: string,
  { error, now }: { error: unknown; now: Date },
): Promise<void> {
  const job = await takeRunningJob(sql, workspaceId);
  if (job?.phase !== 'FITTING') return;
  const message = reasonOf(error);
  await endJob(sql, workspaceId, job, { state: 'FAILED', outcome: 'ERROR', message, now });
}

function reasonOf(error: unknown): string {
  if (error instanceof QueryTooSlow || isQueryTooSlow(error))
    return `It took longer than ${backgroundMs / 60_000} minutes`;
  if (error instanceof TaskTooLarge) return error.message;
  return 'It failed unexpectedly; the log of the server says how';
}
