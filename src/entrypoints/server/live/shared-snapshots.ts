import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Principal } from '../../../access/principal.ts';
import type { OperationContext } from './operation-context.ts';

/** Runs work of many subscriptions in few snapshots. */
export interface SharedSnapshots {
  /**
   * Runs the work in a context that other waiting work of the workspace and scopes uses too: one transaction, and what
   * is loaded is loaded for all. Where a statement failed, each is repeated in a context of its own.
   */
  run<T>(principal: Principal, work: Work<T>, items?: number): Promise<T>;
}

type Work<T> = (context: OperationContext) => Promise<T>;

interface Job {
  /** Runs the work, and returns a function that reports its outcome. */
  attempt(context: OperationContext): Promise<() => void>;
  items: number;
}

interface Queue {
  principal: Principal;
  jobs: Job[];
  running: number;
}

/** What one snapshot is used for at most. */
const maxItems = 1_024;
/** So that slow work does not hold up the rest of its workspace. */
const maxRounds = 2;

/** @param gatherMs the time between two snapshots, in which work gathers for the next one; the first waits for none */
export function createSharedSnapshots(
  createContext: (principal: Principal) => OperationContext,
  { gatherMs } = { gatherMs: 0 },
): SharedSnapshots {
  const queues = new Map<string, Queue>();

  async function runRounds(key: string, queue: Queue) {
    queue.running += 1;
    // What follows from the same change arrives within this turn of the event loop.
    await setImmediate();
    while (queue.jobs.length > 0) {
      await runRound(queue.principal, takeJobs(queue.jobs));
      if (gatherMs > 0) await setTimeout(gatherMs);
    }
    queue.running -= 1;
    if (queue.running === 0) queues.delete(key);
  }

  async function runRound(principal: Principal, jobs: readonly Job[]) {
    const context = createContext(principal);
    const reports = await Promise.all(jobs.map((job) => job.attempt(context)));
    const hasFailed = context.hasFailed();
    await context.end();
    // The statement that failed may be another's: it fails all that follow in the transaction.
    if (!hasFailed || jobs.length === 1) for (const report of reports) report();
    else for (const job of jobs) await runRound(principal, [job]);
  }

  return {
    run(principal, work, items = 1) {
      const key = `${principal.workspaceId} ${principal.scopes.toSorted()}`;
      const queue = queues.get(key) ?? { principal, jobs: [], running: 0 };
      queues.set(key, queue);
      const { job, outcome } = createJob(work, items);
      queue.jobs.push(job);
      if (queue.running < maxRounds) void runRounds(key, queue);
      return outcome;
    },
  };
}

function createJob<T>(work: Work<T>, items: number) {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const attempt = (context: OperationContext) =>
    work(context).then(
      (value) => () => resolve(value),
      (error) => () => reject(error),
    );
  return { job: { attempt, items }, outcome: promise };
}

/** Takes the first jobs with at most `maxItems` items, and at least one job. */
function takeJobs(jobs: Job[]): Job[] {
  let total = 0;
  const end = jobs.findIndex(({ items }, index) => {
    total += items;
    return index > 0 && total > maxItems;
  });
  return jobs.splice(0, end === -1 ? jobs.length : end);
}
