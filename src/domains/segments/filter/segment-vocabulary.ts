import type { Filter } from '../../../engine/conditions/filter.ts';
import type { PendingDefinitions, Vocabulary } from '../../../engine/conditions/vocabulary.ts';
import { sql } from '../../../platform/sql.ts';

/** A segment as filters refer to it. */
export interface NamedSegment {
  id: string;
  key: string;
  /** Null for a segment with a manual list of members. */
  filter: Filter | null;
}

declare module '../../../engine/conditions/vocabulary.ts' {
  interface Vocabulary {
    segments: NamedSegment[];
  }
}

declare module '../../../engine/conditions/filter-clause.ts' {
  interface FilterOwner {
    ownSegmentKey?: string | undefined;
  }
}

/** The segments, for the vocabulary. */
export const selectSegments = sql`
  select coalesce(json_agg(json_build_object('id', s.id, 'key', s.key, 'filter', s.filter) order by s.key), '[]')
  from segment s where s.workspace_id = w.id`;

/** Adds the references of pending filters. */
export const addPendingFilters = (
  vocabulary: Vocabulary,
  pending: PendingDefinitions,
): Vocabulary => ({
  ...vocabulary,
  segments: vocabulary.segments.map((segment) => {
    // Stored by `startBuild` from a filter that was parsed.
    const { filter } = (pending.get(segment.id) ?? {}) as { filter?: Filter };
    if (!filter || !segment.filter) return segment;
    return { ...segment, filter: { any: [segment.filter, filter] } };
  }),
});
