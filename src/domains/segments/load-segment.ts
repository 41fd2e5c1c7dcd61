import type { Filter } from '../../engine/conditions/filter.ts';
import type { Sql } from '../../platform/database.ts';
import { NotFound } from '../../platform/errors.ts';

/** A segment as it is defined. */
export interface SegmentDefinition {
  id: string;
  key: string;
  /** In force; null for a list kept by hand. */
  filter: Filter | null;
  /** Of the newest filter there was, in force or not. */
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
        where b.workspace_id = $1 and b.segment_id = s.id)) as "latestVersion"
     from segment s where s.workspace_id = $1 and s.id = $2`,
    [workspaceId, segmentId],
  );
  const [found] = rows;
  if (!found) throw new NotFound('segment');
  return found;
}

/** Whether the filter on its way, or else the one in force, says the same. */
export async function isSameFilter(
  sql: Sql,
  workspaceId: string,
  segmentId: string,
  filter: Filter,
): Promise<boolean> {
  const { rows } = await sql.query<{ same: boolean }>(
    `select $3::jsonb = coalesce((select b.definition -> 'filter' from build b
        where b.workspace_id = $1 and b.segment_id = s.id and b.state = 'RUNNING'), s.filter) as same
     from segment s where s.workspace_id = $1 and s.id = $2`,
    [workspaceId, segmentId, JSON.stringify(filter)],
  );
  return rows[0]?.same ?? false;
}
