import { swapLifecycle } from '../../domains/lifecycles/swap-lifecycle.ts';
import { swapSegment } from '../../domains/segments/swap-segment.ts';
import type { Sql } from '../../platform/database.ts';
import { renewRules } from '../../platform/workspace-lock.ts';
import { loadDefinitions } from '../evaluation/definitions.ts';
import type { RunningBuild } from './running-build.ts';

/**
 * Puts a build that has seen all customers into force: what it says differently is told the log, and the
 * definition it replaces is gone, both in the transaction given.
 */
export async function finishBuild(
  sql: Sql,
  workspaceId: string,
  build: RunningBuild,
  now: Date,
): Promise<void> {
  const { segmentId, lifecycleId } = build;
  const isDependedOn = await hasDependants(sql, workspaceId, build);
  const swap = { buildId: build.id, version: build.version, now, isDependedOn };
  if (segmentId !== null) await swapSegment(sql, workspaceId, { ...swap, segmentId });
  if (lifecycleId !== null) await swapLifecycle(sql, workspaceId, { ...swap, lifecycleId });
  await sql.query('delete from build_place where workspace_id = $1 and build_id = $2', [
    workspaceId,
    build.id,
  ]);
  // Some may have been merged away since it was started.
  await sql.query(
    `update build set state = 'DONE', total = done, finished_at = $3
     where workspace_id = $1 and id = $2`,
    [workspaceId, build.id, now],
  );
  renewRules(sql, workspaceId);
}

/** Whether other rules, in force or on their way, may ask for what changes. */
async function hasDependants(
  sql: Sql,
  workspaceId: string,
  { segmentId, lifecycleId }: RunningBuild,
): Promise<boolean> {
  const clause = segmentId === null ? '"stage":' : '"segment":';
  const definitions = await loadDefinitions(sql, workspaceId);
  return definitions.some(
    ({ subjectId, stages }) =>
      subjectId !== (segmentId ?? lifecycleId) && JSON.stringify(stages).includes(clause),
  );
}
