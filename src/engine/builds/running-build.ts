import type { Sql } from '../../platform/database.ts';

/** A build that is under way. */
export interface RunningBuild {
  id: string;
  /** One of the two is null. */
  segmentId: string | null;
  lifecycleId: string | null;
  version: number;
  /** The customer up to whom it has come, in the order of their ids. */
  reached: string | null;
}

/** The oldest one, if any is under way. */
export async function findRunningBuild(
  sql: Sql,
  workspaceId: string,
): Promise<RunningBuild | undefined> {
  const { rows } = await sql.query<RunningBuild>(
    `select id, segment_id as "segmentId", lifecycle_id as "lifecycleId", version, reached
     from build where workspace_id = $1 and state = 'RUNNING' order by id limit 1`,
    [workspaceId],
  );
  return rows[0];
}

/** Notes in the directory whether any build or churn model is under way; answers the same. */
export async function renewBuilding(sql: Sql, workspaceId: string): Promise<boolean> {
  const { rows } = await sql.query<{ building: boolean }>(
    `update workspace_directory set building = exists (
       select from build where workspace_id = $1 and state = 'RUNNING'
       union all select from churn_job where workspace_id = $1 and state = 'RUNNING')
     where id = $1 returning building`,
    [workspaceId],
  );
  return rows[0]?.building ?? false;
}
