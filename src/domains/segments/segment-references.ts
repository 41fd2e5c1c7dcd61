import type { Filter } from '../../engine/conditions/filter.ts';
import { inputsOf } from '../../engine/conditions/filter-clauses.ts';
import { isSameKey } from '../../engine/conditions/named.ts';
import { loadVocabulary, type Vocabulary } from '../../engine/conditions/vocabulary.ts';
import { type Definition, loadDefinitions } from '../../engine/evaluation/definitions.ts';
import type { Sql } from '../../platform/database.ts';
import { keysOf } from './filter/segment-clause.ts';

/** Names the other segments and the stages that refer to a segment, active or pending. */
export async function referencesToSegment(
  sql: Sql,
  workspaceId: string,
  { id, key }: { id: string; key: string },
): Promise<string[]> {
  const vocabulary = await loadVocabulary(sql, workspaceId);
  const definitions = await loadDefinitions(sql, workspaceId);
  const others = definitions.filter(({ subjectId }) => subjectId !== id);
  return [...new Set(others.flatMap((definition) => referencesIn(definition, key, vocabulary)))];
}

function referencesIn(
  { kind, subjectId, stages }: Definition,
  key: string,
  vocabulary: Vocabulary,
) {
  const isReferenced = (filter: Filter | null) =>
    filter !== null &&
    inputsOf(filter, 'segment')
      .flatMap(keysOf)
      .some((name) => isSameKey(name, key));
  const referencing = stages.filter(({ entry, stay }) => isReferenced(entry) || isReferenced(stay));
  const candidates = kind === 'SEGMENT' ? vocabulary.segments : vocabulary.lifecycles;
  const name = candidates.find(({ id }) => id === subjectId)?.key ?? subjectId;
  return referencing.map((stage) =>
    kind === 'SEGMENT' ? `segment ${name}` : `stage ${stage.key} of ${name}`,
  );
}
