import { v7 as uuidv7 } from 'uuid';
import type { Database, Transaction } from '../database.ts';
import { sql } from '../sql.ts';
import type { DueJob } from './claim-job.ts';
import type { JobKind } from './job.ts';

/** Finds the workspaces with a due job, or with a job that has ended since the last visit. */
export const findWorkspaces = (database: Database, now: Date): Promise<string[]> =>
  database.withoutWorkspace(undefined, async (db) => {
    const { rows } = await db.query<{ id: string }>(sql`
      select id from workspace_directory where jobs_at <= ${now} order by jobs_at`);
    return rows.map(({ id }) => id);
  });

/** Finds the due jobs of a workspace, oldest first. Without due jobs, stores the time of the next visit. */
export async function findDueJobs(
  db: Transaction,
  kinds: readonly JobKind[],
  now: Date,
): Promise<DueJob[]> {
  const { rows } = await db.query<{ id: string; kind: string }>(sql`
    select id, kind from job
      where workspace_id = ${db.workspaceId} and state = 'RUNNING' and run_at <= ${now}
    order by id limit 100`);
  if (rows.length === 0) await scheduleNextVisit(db, kinds);
  return kinds.flatMap((kind) => {
    const due = rows.flatMap((row) => (row.kind === kind.kind ? [{ id: row.id, kind }] : []));
    return kind.concurrency === 'WORKSPACE' ? due.slice(0, 1) : due;
  });
}

async function scheduleNextVisit(db: Transaction, kinds: readonly JobKind[]) {
  for (const kind of kinds) await ensureRecurring(db, kind);
  // Locked first: a transaction that starts a job locks this row too, so that the next statement sees the job.
  await db.query(sql`
    select from workspace_directory where id = ${db.workspaceId} for no key update`);
  await db.query(sql`
    update workspace_directory set jobs_at =
      (select min(run_at) from job where workspace_id = ${db.workspaceId} and state = 'RUNNING')
    where id = ${db.workspaceId}`);
}

async function ensureRecurring(db: Transaction, { kind, everyMs }: JobKind) {
  if (everyMs === undefined) return;
  await db.query(sql`
    insert into job (workspace_id, id, kind, state, run_at, started_at)
    select id, ${uuidv7()}, ${kind}, 'RUNNING', created_at + ${everyMs} * interval '1 millisecond',
      created_at
    from workspace where id = ${db.workspaceId}
    on conflict (workspace_id, kind, key) where state = 'RUNNING' do nothing`);
}
