import type { Transaction } from '../database.ts';
import { sql } from '../sql.ts';
import type { Job, JobKind } from './job.ts';

/** A job that is due, and how it runs. */
export interface DueJob {
  id: string;
  kind: JobKind;
}

/** A job that this transaction owns. */
export interface ClaimedJob extends Job {
  attempts: number;
}

/**
 * Claims a job until the transaction ends, and with it whatever process runs it: the database releases the
 * advisory lock when that dies, and the next round goes on from the last step stored. Undefined when another
 * transaction owns the job (or, where one at a time runs for each workspace, another job of its kind), or when it
 * is not due any more. The row is not locked, so that a job can be cancelled while it runs (decision 0030).
 */
export async function claimJob(
  db: Transaction,
  { id, kind }: DueJob,
  now: Date,
): Promise<ClaimedJob | undefined> {
  const lock = kind.concurrency === 'WORKSPACE' ? kind.kind : id;
  const { rows: locks } = await db.query<{ isOwned: boolean }>(sql`
    select pg_try_advisory_xact_lock(hashtextextended('job' || ${db.workspaceId} || ${lock},
      0)) as "isOwned"`);
  if (!locks[0]?.isOwned) return undefined;
  // A statement of its own: it sees what the former owner has committed.
  const { rows } = await db.query<ClaimedJob>(sql`
    select id, data, attempts from job
    where workspace_id = ${db.workspaceId} and id = ${id} and state = 'RUNNING' and run_at <= ${now}`);
  return rows[0];
}
