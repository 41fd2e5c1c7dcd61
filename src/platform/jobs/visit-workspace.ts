import { v7 as uuidv7 } from 'uuid';
import type { Database, Sql } from '../database.ts';
import type { DueJob } from './claim-job.ts';
import type { JobKind } from './job.ts';

/** The workspaces with a job that is due, or a job that has ended since the last visit. */
export const findWorkspaces = (database: Database, now: Date): Promise<string[]> =>
  database.withoutWorkspace(undefined, async (sql) => {
    const { rows } = await sql.query<{ id: string }>(
      'select id from workspace_directory where jobs_at <= $1 order by jobs_at',
      [now],
    );
    return rows.map(({ id }) => id);
  });

/** The jobs of a workspace that are due, oldest first. When there are none, stores when to visit it next. */
export async function findDueJobs(
  sql: Sql,
  workspaceId: string,
  kinds: readonly JobKind[],
  now: Date,
): Promise<DueJob[]> {
  const { rows } = await sql.query<{ id: string; kind: string }>(
    `select id, kind from job where workspace_id = $1 and state = 'RUNNING' and run_at <= $2
     order by id limit 100`,
    [workspaceId, now],
  );
  if (rows.length === 0) await scheduleNextVisit(sql, workspaceId, kinds);
  return kinds.flatMap((kind) => {
    const due = rows.flatMap((row) => (row.kind === kind.kind ? [{ id: row.id, kind }] : []));
    return kind.concurrency === 'WORKSPACE' ? due.slice(0, 1) : due;
  });
}

async function scheduleNextVisit(sql: Sql, workspaceId: string, kinds: readonly JobKind[]) {
  for (const kind of kinds) await ensureRecurring(sql, workspaceId, kind);
  // Locked first: whoever starts a job holds this row, and the statement after it sees the job.
  await sql.query('select from workspace_directory where id = $1 for no key update', [workspaceId]);
  await sql.query(
    `update workspace_directory set jobs_at =
       (select min(run_at) from job where workspace_id = $1 and state = 'RUNNING')
     where id = $1`,
    [workspaceId],
  );
}

async function ensureRecurring(sql: Sql, workspaceId: string, { kind, everyMs }: JobKind) {
  if (everyMs === undefined) return;
  await sql.query(
    `insert into job (workspace_id, id, kind, state, run_at, started_at)
     select id, $2, $3, 'RUNNING', created_at + $4 * interval '1 millisecond', created_at
     from workspace where id = $1
     on conflict (workspace_id, kind, key) where state = 'RUNNING' do nothing`,
    [workspaceId, uuidv7(), kind, everyMs],
  );
}
