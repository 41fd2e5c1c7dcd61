import type { Sql } from '../../platform/database.ts';
import { cancelJobs, startJob } from '../../platform/jobs/store-jobs.ts';
import { countUnmergedCustomers } from '../customers/count-customers.ts';
import { buildJob } from './build-job.ts';
import type { BuildSubject } from './build-subject.ts';

/**
 * Starts to build a definition: it is evaluated for all customers beside the active one, which answers until
 * it is replaced. A running build of the same subject is cancelled. Requires `lockRulesExclusive` before and
 * `bumpRulesVersion` after.
 */
export async function startBuild(
  sql: Sql,
  workspaceId: string,
  subject: BuildSubject,
  { version, definition, now }: { version: number; definition: object; now: Date },
): Promise<void> {
  await cancelBuild(sql, workspaceId, subject, now);
  const job = { kind: buildJob.kind, key: subject.id, now };
  const total = await countUnmergedCustomers(sql, workspaceId);
  const id = await startJob(sql, workspaceId, { ...job, total });
  await sql.query(
    `insert into build (workspace_id, id, subject_kind, subject_id, version, definition)
     values ($1, $2, $3, $4, $5, $6)`,
    [workspaceId, id, subject.kind, subject.id, version, JSON.stringify(definition)],
  );
}

async function cancelBuild(sql: Sql, workspaceId: string, { id: key }: BuildSubject, now: Date) {
  const ids = await cancelJobs(sql, workspaceId, { kind: buildJob.kind, key, now });
  await sql.query(
    'delete from build_place where workspace_id = $1 and build_id = any($2::uuid[])',
    [workspaceId, ids],
  );
}

/** Deletes all builds of a subject that is being deleted, running ones included. */
export const deleteBuilds = (sql: Sql, workspaceId: string, subjectId: string) =>
  sql.query('delete from job where workspace_id = $1 and kind = $2 and key = $3', [
    workspaceId,
    buildJob.kind,
    subjectId,
  ]);
