import { v7 as uuidv7 } from 'uuid';
import type { Sql } from '../../platform/database.ts';

/** What is being defined anew. */
export type BuildSubject = { segmentId: string } | { lifecycleId: string };

/**
 * Sets a definition on its way: it is evaluated for all customers beside the one in force, which answers
 * until then. One of the same subject that is still on its way is given up. Needs `lockRules` before and
 * `renewRules` after.
 */
export async function startBuild(
  sql: Sql,
  workspaceId: string,
  subject: BuildSubject,
  build: { version: number; definition: object; now: Date },
): Promise<string> {
  const id = uuidv7();
  const [segmentId, lifecycleId] =
    'segmentId' in subject ? [subject.segmentId, null] : [null, subject.lifecycleId];
  await supersede(sql, workspaceId, segmentId ?? lifecycleId, build.now);
  await sql.query(insertBuild, [
    workspaceId,
    id,
    segmentId,
    lifecycleId,
    build.version,
    JSON.stringify(build.definition),
    build.now,
  ]);
  await sql.query('update workspace_directory set building = true where id = $1', [workspaceId]);
  return id;
}

const insertBuild = `
  insert into build (workspace_id, id, segment_id, lifecycle_id, version, definition, state, total, started_at)
  select $1, $2, $3, $4, $5, $6, 'RUNNING', count(*), $7
  from customer where workspace_id = $1 and merged_into is null`;

async function supersede(sql: Sql, workspaceId: string, subjectId: string | null, now: Date) {
  const { rows } = await sql.query<{ id: string }>(
    `update build set state = 'SUPERSEDED', finished_at = $3
     where workspace_id = $1 and coalesce(segment_id, lifecycle_id) = $2 and state = 'RUNNING'
     returning id`,
    [workspaceId, subjectId, now],
  );
  await sql.query(
    'delete from build_place where workspace_id = $1 and build_id = any($2::uuid[])',
    [workspaceId, rows.map(({ id }) => id)],
  );
}
