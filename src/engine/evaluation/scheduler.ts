import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '../../platform/database.ts';
import type { Log } from '../../platform/log.ts';
import { isStorageUnavailable } from '../../platform/storage-errors.ts';
import type { Clock } from '../../platform/time/clock.ts';
import { evaluateDue, renewDue } from './evaluate-due.ts';

const intervalMs = 200;

export interface Scheduler {
  /** There may be work: looks at once instead of within a fifth of a second. */
  wake(): void;
  /** Resolves when what is under way has ended. */
  stop(): Promise<void>;
}

interface Duty {
  id: string;
  isDue: boolean;
  isImporting: boolean;
  isBuilding: boolean;
  isRefitDue: boolean;
}

/**
 * Lets time pass in all workspaces: evaluates whoever falls due and goes on with definitions that are on
 * their way. Any number of servers may run one.
 */
export function startScheduler(options: {
  database: Database;
  log: Log;
  now: Clock;
  /** Takes a workspace's builds one step further; answers whether there is more to do. */
  build(workspaceId: string, now: Date): Promise<boolean>;
  /** Looks whether a workspace's churn model is to be fitted anew. */
  considerRefit(workspaceId: string, now: Date): Promise<void>;
}): Scheduler {
  const { database, log, now, build, considerRefit } = options;
  const stopping = new AbortController();
  let waiting = new AbortController();
  const running = run();

  /** Up to when those who fell due have been evaluated, in workspaces with more to do. */
  const reached = new Map<string, Date>();
  // Said once per outage, not once per try.
  let isLost = false;

  async function run() {
    while (!stopping.signal.aborted) {
      const isBusy = await look().catch(complain);
      if (isBusy) continue;
      const signal = AbortSignal.any([stopping.signal, waiting.signal]);
      await pause(intervalMs, undefined, { signal }).catch(() => undefined);
      waiting = new AbortController();
    }
  }

  /** One round over the workspaces that have something to do; answers whether some have more. */
  async function look(): Promise<boolean> {
    let isBusy = false;
    for (const duty of await findDuties(database, now())) {
      if (stopping.signal.aborted) return false;
      // What goes wrong in one workspace must not keep time from passing in the others.
      if (await work(duty).then(found, complain)) isBusy = true;
    }
    return isBusy;
  }

  async function work(duty: Duty): Promise<boolean> {
    if (duty.isRefitDue) await considerRefit(duty.id, now());
    const isDue = duty.isDue && (await evaluateSome(duty));
    const isBuilding = duty.isBuilding && (await build(duty.id, now()));
    return isDue || isBuilding;
  }

  async function evaluateSome({ id, isImporting }: Duty): Promise<boolean> {
    const from = reached.get(id);
    const { taken, upTo } = await evaluateDue(database, id, { now: now(), isImporting, from });
    if (upTo) reached.set(id, upTo);
    else reached.delete(id);
    // Where the last round has got to is no end: somebody may have fallen due before it meanwhile.
    if (taken > 0 || from) return true;
    await renewDue(database, id);
    return false;
  }

  function found(isBusy: boolean): boolean {
    isLost = false;
    return isBusy;
  }

  function complain(error: unknown): boolean {
    if (stopping.signal.aborted || isLost) return false;
    isLost = true;
    const level = isStorageUnavailable(error) ? 'warn' : 'error';
    log[level]({ err: error }, 'What fell due could not be evaluated; trying again shortly');
    return false;
  }

  return {
    wake: () => waiting.abort(),
    stop() {
      stopping.abort();
      return running;
    },
  };
}

const findDuties = (database: Database, now: Date): Promise<Duty[]> =>
  database.outside(undefined, async (sql) => {
    const { rows } = await sql.query<Duty>(
      `select id, coalesce(due_at <= $1, false) as "isDue", building as "isBuilding",
         coalesce(importing_until > $1, false) as "isImporting", refit_at <= $1 as "isRefitDue"
       from workspace_directory where due_at <= $1 or building or refit_at <= $1`,
      [now],
    );
    return rows;
  });
