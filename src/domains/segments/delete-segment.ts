import { deleteBuilds } from '../../engine/builds/start-build.ts';
import { appendSelected } from '../../engine/changes/append-selected.ts';
import { type CustomerRange, forEachRange } from '../../engine/customers/customer-ranges.ts';
import type { Transaction } from '../../platform/database.ts';
import { InUse } from '../../platform/errors.ts';
import { rawSql, sql } from '../../platform/sql.ts';
import { bumpRulesVersion, lockRulesExclusive } from '../../platform/workspace-lock.ts';
import { loadSegment } from './load-segment.ts';
import { referencesToSegment } from './segment-references.ts';

/**
 * Deletes a segment and logs that its members left it.
 *
 * @throws NotFound; InUse while other segments or stages refer to it
 */
export async function deleteSegment(db: Transaction, segmentId: string, now: Date): Promise<void> {
  const { workspaceId } = db;
  lockRulesExclusive(db);
  const segment = await loadSegment(db, segmentId);
  const references = await referencesToSegment(db, segment);
  if (references.length > 0) throw new InUse(`Segment ${segment.key}`, references);
  const { latestVersion: version } = segment;
  await forEachRange(db, async (range) => {
    const left = selectLeaveChanges(workspaceId, { segmentId, version, now }, range);
    await appendSelected(db, left, now);
  });
  await deleteBuilds(db, segmentId);
  await db.query(sql`
    delete from segment_member where workspace_id = ${workspaceId} and segment_id = ${segmentId}`);
  await db.query(
    sql`delete from segment where workspace_id = ${workspaceId} and id = ${segmentId}`,
  );
  bumpRulesVersion(db);
}

const selectLeaveChanges = (
  workspaceId: string,
  { segmentId, version, now }: { segmentId: string; version: number; now: Date },
  range: CustomerRange,
) => sql`
  select m.customer_id, greatest(${now}::timestamptz, c.evaluated_at) as at, 'SEGMENT_LEFT' as kind,
    jsonb_build_object('segment', ${segmentId}::text, 'version', ${version}::integer,
      'cause', 'DEFINITION', 'event', null, 'late', false) as data
  from segment_member m
  join customer c on c.workspace_id = ${workspaceId}::uuid and c.id = m.customer_id
  where m.workspace_id = ${workspaceId}::uuid and m.segment_id = ${segmentId}::uuid
    and ${range(rawSql('m.customer_id'))}
  order by at, m.customer_id`;
