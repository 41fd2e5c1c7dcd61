import type { Filter, SegmentCondition } from '../../engine/conditions/filter.ts';
import { loadVocabulary, type Vocabulary } from '../../engine/conditions/vocabulary.ts';
import { type Definition, loadDefinitions } from '../../engine/evaluation/definitions.ts';
import type { Sql } from '../../platform/database.ts';

/** The conditions about segments inside a filter. */
function segmentConditions(filter: Filter): SegmentCondition[] {
  if ('all' in filter) return filter.all.flatMap(segmentConditions);
  if ('any' in filter) return filter.any.flatMap(segmentConditions);
  if ('not' in filter) return segmentConditions(filter.not);
  return 'segment' in filter ? [filter.segment] : [];
}

/** The other segments and the stages that ask for a segment, in force or on their way, in words. */
export async function usesOfSegment(
  sql: Sql,
  workspaceId: string,
  { id, key }: { id: string; key: string },
): Promise<string[]> {
  const vocabulary = await loadVocabulary(sql, workspaceId);
  const definitions = await loadDefinitions(sql, workspaceId);
  const others = definitions.filter(({ subjectId }) => subjectId !== id);
  return [...new Set(others.flatMap((definition) => usesIn(definition, key, vocabulary)))];
}

function usesIn({ kind, subjectId, stages }: Definition, key: string, vocabulary: Vocabulary) {
  const isAsked = (filter: Filter | null) =>
    filter !== null &&
    segmentConditions(filter)
      .flatMap((asked) => asked.in ?? asked.notIn ?? [])
      .some((name) => name.toUpperCase() === key.toUpperCase());
  const using = stages.filter(({ entry, stay }) => isAsked(entry) || isAsked(stay));
  const named = kind === 'SEGMENT' ? vocabulary.segments : vocabulary.lifecycles;
  const name = named.find((one) => one.id === subjectId)?.key ?? subjectId;
  return using.map((stage) =>
    kind === 'SEGMENT' ? `segment ${name}` : `stage ${stage.key} of ${name}`,
  );
}
