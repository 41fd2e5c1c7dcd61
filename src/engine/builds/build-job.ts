import type { Transaction } from '../../platform/database.ts';
import type { Job, JobKind, StepResult } from '../../platform/jobs/job.ts';
import { retryForever } from '../../platform/jobs/retry.ts';
import { sql } from '../../platform/sql.ts';
import { lockRulesExclusive } from '../../platform/workspace-lock.ts';
import { evaluateDueNow, importingUntil } from './catch-up.ts';
import { evaluateNextCustomers } from './evaluate-next-customers.ts';
import { finishBuild, type RunningBuild } from './finish-build.ts';

interface BuildProgress {
  /** The id of the last customer evaluated; customers are evaluated in the order of their ids. */
  reached?: string | null;
}

/** Evaluates a new definition for all customers in batches, and then activates it. */
export const buildJob: JobKind<BuildProgress> = {
  kind: 'BUILD',
  concurrency: 'WORKSPACE',
  runsIn: 'PROCESS',
  retry: () => retryForever,
  step: runBuildStep,
};

async function runBuildStep(
  db: Transaction,
  { id, data }: Job<BuildProgress>,
  now: Date,
): Promise<StepResult<BuildProgress>> {
  lockRulesExclusive(db);
  // Until the rules were locked, a newer build may have replaced this one, or its subject may have been deleted.
  const build = await findRunningBuild(db, id);
  if (!build) return { state: 'CANCELLED' };
  const step = { now, isImporting: (await importingUntil(db, now)) !== undefined };
  const next = { buildId: id, after: data.reached ?? null, step };
  const { reached, count, hasMore } = await evaluateNextCustomers(db, next);
  const progress = { data: { reached }, done: count };
  // In the transaction of the last batch: otherwise new customers would always need another batch.
  if (hasMore || (await evaluateDueNow(db, step))) {
    return { state: 'RUNNING', ...progress };
  }
  await finishBuild(db, build, now);
  return { state: 'DONE', ...progress };
}

async function findRunningBuild(
  db: Transaction,
  buildId: string,
): Promise<RunningBuild | undefined> {
  const { rows } = await db.query<RunningBuild>(sql`
    select b.id, b.version, json_build_object('kind', b.subject_kind, 'id', b.subject_id) as subject
    from build b join job j on j.workspace_id = b.workspace_id and j.id = b.id
    where b.workspace_id = ${db.workspaceId} and b.id = ${buildId} and j.state = 'RUNNING'`);
  return rows[0];
}
