import type { Filter } from '../../engine/conditions/filter.ts';
import { inputsOf } from '../../engine/conditions/filter-clauses.ts';
import { isSameKey } from '../../engine/conditions/named.ts';
import { loadVocabulary, type Vocabulary } from '../../engine/conditions/vocabulary.ts';
import type { Definition } from '../../engine/evaluation/definition.ts';
import { loadDefinitions } from '../../engine/evaluation/definitions.ts';
import type { Transaction } from '../../platform/database.ts';
import { keysOf } from './filter/segment-clause.ts';
import { segmentKind } from './membership-rules.ts';

/** Names the other segments and the stages that refer to a segment, active or pending. */
export async function referencesToSegment(
  db: Transaction,
  { id, key }: { id: string; key: string },
): Promise<string[]> {
  const vocabulary = await loadVocabulary(db);
  const definitions = await loadDefinitions(db);
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
  const using = stages.filter(({ entry, stay }) => isReferenced(entry) || isReferenced(stay));
  const named = kind === segmentKind ? vocabulary.segments : vocabulary.lifecycles;
  const name = named.find((one) => one.id === subjectId)?.key ?? subjectId;
  return using.map((stage) =>
    kind === segmentKind ? `segment ${name}` : `stage ${stage.key} of ${name}`,
  );
}
