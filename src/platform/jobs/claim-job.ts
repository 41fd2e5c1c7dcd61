import type { Transaction } from '../database.ts';
import { sql } from '../sql.ts';
import type { Job, JobKind } from './job.ts';

/** A due job with its kind. */
export interface DueJob {
  id: string;
  kind: JobKind;
}

/** A job that this transaction owns. */
export interface ClaimedJob extends Job {
  attempts: number;
}

/**
 * Claims a job until the transaction ends. The database releases the advisory lock when the process dies, and the next
 * round continues after the last stored step. Undefined if another transaction has claimed the job (or, with the
 * concurrency `WORKSPACE`, another job of its kind), or if the job is no longer due. Does not lock the row, so
 * that a job can be cancelled while it runs. Decision 0030.
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
  // A separate statement, so that it sees what the previous owner has committed.
  const { rows } = await db.query<ClaimedJob>(sql`
    select id, data, attempts from job
    where workspace_id = ${db.workspaceId} and id = ${id} and state = 'RUNNING' and run_at <= ${now}`);
  return rows[0];
}
