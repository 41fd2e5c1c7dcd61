import type { Transaction } from '../../platform/database.ts';
import type { JobKind, StepResult } from '../../platform/jobs/job.ts';
import { retryForever } from '../../platform/jobs/retry.ts';
import { startJob } from '../../platform/jobs/store-jobs.ts';
import { sql } from '../../platform/sql.ts';
import { msPerDay } from '../../platform/time/ms-per-day.ts';
import { type ChurnJobData, churnModelKind } from './jobs.ts';
import { loadChurnSettings } from './settings.ts';

const msPerWeek = 7 * msPerDay;
/** So large a part of new events is reason enough not to wait for the week to end. */
const minNewShare = 0.05;

/**
 * Once a day: starts to fit a model if there are many new events since the latest one, or it is a week old. It
 * is activated if it is no worse.
 */
export const refitJob: JobKind = {
  kind: 'CHURN_REFIT',
  concurrency: 'WORKSPACE',
  runsIn: 'PROCESS',
  everyMs: msPerDay,
  retry: () => ({ ...retryForever, maxAttempts: 5 }),
  async step(db, _job, now): Promise<StepResult> {
    const { automaticRefit, mode } = await loadChurnSettings(db);
    if (automaticRefit && isRefitDue(await loadFitAge(db, mode), now)) {
      const fit = { mode, phase: 'FITTING', activation: 'IF_NOT_WORSE', modelId: null } as const;
      const data: ChurnJobData = { ...fit, reached: null };
      // Nothing to do while a job is running: the next one is a day away.
      await startJob(db, { kind: churnModelKind, data, now });
    }
    return { state: 'DONE' };
  },
};

/** The latest model of a mode, and how many events it and the workspace have. */
interface FitAge {
  createdAt: Date;
  fittedEvents: number;
  events: number;
}

async function loadFitAge(db: Transaction, mode: string): Promise<FitAge | undefined> {
  const { rows } = await db.query<FitAge>(sql`
    select m.created_at as "createdAt", (m.evidence ->> 'events')::float8 as "fittedEvents",
      (select coalesce(sum(c.events), 0) from customer c
        where c.workspace_id = ${db.workspaceId})::float8 as events
    from churn_model m
      where m.workspace_id = ${db.workspaceId} and m.mode = ${mode} order by m.version desc limit 1`);
  return rows[0];
}

/** Whether a model is to be fitted: none was yet, the latest one is old, or there are many new events. */
export function isRefitDue(latest: FitAge | undefined, now: Date): boolean {
  if (!latest) return true;
  const { createdAt, fittedEvents, events } = latest;
  const isOld = now.getTime() - createdAt.getTime() >= msPerWeek;
  return isOld || events - fittedEvents >= minNewShare * Math.max(1, fittedEvents);
}
