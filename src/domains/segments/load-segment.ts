import type { Filter } from '../../engine/conditions/filter.ts';
import type { Transaction } from '../../platform/database.ts';
import { NotFound } from '../../platform/errors.ts';
import { sql } from '../../platform/sql.ts';

/** A segment with its active filter. */
export interface SegmentDefinition {
  id: string;
  key: string;
  /** The active filter; null for a manual list. */
  filter: Filter | null;
  /** Version of the latest filter, active or not. */
  latestVersion: number;
}

/** @throws NotFound */
export async function loadSegment(db: Transaction, segmentId: string): Promise<SegmentDefinition> {
  const { rows } = await db.query<SegmentDefinition>(sql`
    select s.id, s.key, s.filter, greatest(s.version, (select max(b.version) from build b
       where b.workspace_id = ${db.workspaceId} and b.subject_id = s.id)) as "latestVersion"
    from segment s where s.workspace_id = ${db.workspaceId} and s.id = ${segmentId}`);
  const [segment] = rows;
  if (!segment) throw new NotFound('segment');
  return segment;
}

/** Whether the pending filter, or the active one if none is pending, equals this filter. */
export async function isSameFilter(
  db: Transaction,
  segmentId: string,
  filter: Filter,
): Promise<boolean> {
  const { rows } = await db.query<{ same: boolean }>(sql`
    select ${JSON.stringify(filter)}::jsonb = coalesce((select b.definition -> 'filter' from build b
       join job j on j.workspace_id = b.workspace_id and j.id = b.id
       where b.workspace_id = ${db.workspaceId} and b.subject_id = s.id
         and j.state = 'RUNNING'), s.filter) as same
    from segment s where s.workspace_id = ${db.workspaceId} and s.id = ${segmentId}`);
  return rows[0]?.same ?? false;
}
