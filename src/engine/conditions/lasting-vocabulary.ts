import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import type { Filter } from './filter.ts';
import {
  type LifecycleName,
  loadVocabulary,
  type SegmentName,
  type Vocabulary,
} from './vocabulary.ts';

interface Coming {
  subjectId: string;
  /** Of a segment. */
  filter: Filter | null;
  /** Of a lifecycle. */
  stages: Array<{ key: string; entry: Filter; stay: Filter | null }> | null;
}

/**
 * What a filter to be stored may refer to: only what exists now and will still exist once the running builds
 * are activated. References of these builds count already, so that no two definitions form a circle.
 */
export async function loadLastingVocabulary(db: Transaction): Promise<Vocabulary> {
  const vocabulary = await loadVocabulary(db);
  const { rows } = await db.query<Coming>(sql`
    select b.subject_id as "subjectId", b.definition -> 'filter' as filter,
      b.definition -> 'stages' as stages
    from build b join job j on j.workspace_id = b.workspace_id and j.id = b.id
    where b.workspace_id = ${db.workspaceId} and j.state = 'RUNNING'`);
  const coming = new Map(rows.map((row) => [row.subjectId, row]));
  return {
    ...vocabulary,
    segments: vocabulary.segments.map((segment) => lastingSegment(segment, coming.get(segment.id))),
    lifecycles: vocabulary.lifecycles.map((one) => lastingLifecycle(one, coming.get(one.id))),
  };
}

function lastingSegment(segment: SegmentName, coming: Coming | undefined): SegmentName {
  if (!coming?.filter || !segment.filter) return segment;
  return { ...segment, filter: { any: [segment.filter, coming.filter] } };
}

function lastingLifecycle(lifecycle: LifecycleName, coming: Coming | undefined): LifecycleName {
  if (!coming?.stages) return lifecycle;
  const keys = coming.stages.map(({ key }) => key);
  const rules = coming.stages.flatMap(({ entry, stay }) => (stay ? [entry, stay] : [entry]));
  return {
    ...lifecycle,
    stages: lifecycle.stages.filter((key) => keys.includes(key)),
    rules: [...lifecycle.rules, ...rules],
  };
}
