import type { Filter } from '../../engine/conditions/filter.ts';
import type { Sql } from '../../platform/database.ts';
import { NotFound } from '../../platform/errors.ts';

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
export async function loadSegment(
  sql: Sql,
  workspaceId: string,
  segmentId: string,
): Promise<SegmentDefinition> {
  const { rows } = await sql.query<SegmentDefinition>(
    `select s.id, s.key, s.filter, greatest(s.version, (select max(b.version) from build b
        where b.workspace_id = $1 and b.subject_id = s.id)) as "latestVersion"
     from segment s where s.workspace_id = $1 and s.id = $2`,
    [workspaceId, segmentId],
  );
  const [segment] = rows;
  if (!segment) throw new NotFound('segment');
  return segment;
}

/** Whether the pending filter, or the active one if none is pending, equals this filter. */
export async function isSameFilter(
  sql: Sql,
  workspaceId: string,
  segmentId: string,
  filter: Filter,
): Promise<boolean> {
  const { rows } = await sql.query<{ same: boolean }>(
    `select $3::jsonb = coalesce((select b.definition -> 'filter' from build b
        join job j on j.workspace_id = b.workspace_id and j.id = b.id
        where b.workspace_id = $1 and b.subject_id = s.id and j.state = 'RUNNING'), s.filter) as same
     from segment s where s.workspace_id = $1 and s.id = $2`,
    [workspaceId, segmentId, JSON.stringify(filter)],
  );
  return rows[0]?.same ?? false;
}
