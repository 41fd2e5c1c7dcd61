import type { Transaction } from '../../platform/database.ts';
import { cancelJobs, startJob } from '../../platform/jobs/store-jobs.ts';
import { sql } from '../../platform/sql.ts';
import { countUnmergedCustomers } from '../customers/count-customers.ts';
import { buildJob } from './build-job.ts';
import type { BuildSubject } from './build-subject.ts';

/**
 * Starts to build a definition: it is evaluated for all customers beside the active one, which answers until
 * it is replaced. A running build of the same subject is cancelled. Requires `lockRulesExclusive` before and
 * `bumpRulesVersion` after.
 */
export async function startBuild(
  db: Transaction,
  subject: BuildSubject,
  { version, definition, now }: { version: number; definition: object; now: Date },
): Promise<void> {
  await cancelBuild(db, subject, now);
  const job = { kind: buildJob.kind, key: subject.id, now };
  const total = await countUnmergedCustomers(db);
  const id = await startJob(db, { ...job, total });
  await db.query(sql`
    insert into build (workspace_id, id, subject_kind, subject_id, version, definition)
    values (${db.workspaceId}, ${id}, ${subject.kind}, ${subject.id}, ${version},
      ${JSON.stringify(definition)})`);
}

async function cancelBuild(db: Transaction, { id: key }: BuildSubject, now: Date) {
  const ids = await cancelJobs(db, { kind: buildJob.kind, key, now });
  await db.query(sql`
    delete from build_place where workspace_id = ${db.workspaceId} and build_id = any(${ids}::uuid[])`);
}

/** Deletes all builds of a subject that is being deleted, running ones included. */
export const deleteBuilds = (db: Transaction, subjectId: string) =>
  db.query(sql`
    delete from job
      where workspace_id = ${db.workspaceId} and kind = ${buildJob.kind} and key = ${subjectId}`);
