import type { Filter } from '../../engine/conditions/filter.ts';
import { InvalidFilter } from '../../engine/conditions/invalid-filter.ts';
import { loadLastingVocabulary } from '../../engine/conditions/lasting-vocabulary.ts';
import { resolveFilter } from '../../engine/conditions/resolve.ts';
import { brokenBy } from '../../engine/evaluation/broken-definitions.ts';
import { loadDefinitions } from '../../engine/evaluation/definitions.ts';
import type { Sql } from '../../platform/database.ts';

interface Proposal {
  id: string;
  key: string;
  filter: Filter;
}

/**
 * Checks what the filter of a segment refers to, in force or not yet, and that whatever is made of the
 * segment still makes sense with it.
 *
 * @throws InvalidFilter naming the path to a name nobody knows, or to where the definition turns in a circle
 */
export async function checkFilter(
  sql: Sql,
  workspaceId: string,
  { id, key, filter }: Proposal,
): Promise<void> {
  const lasting = await loadLastingVocabulary(sql, workspaceId);
  resolveFilter(filter, lasting, 'filter', { ownSegmentKey: key });
  const segments = lasting.segments.map((segment) =>
    segment.id === id && segment.filter
      ? { ...segment, filter: { any: [segment.filter, filter] } }
      : segment,
  );
  const definitions = await loadDefinitions(sql, workspaceId);
  const others = definitions.filter(({ subjectId }) => subjectId !== id);
  const broken = brokenBy({ ...lasting, segments }, others);
  if (broken.length === 0) return;
  throw new InvalidFilter('filter', `${broken.join(', ')} could not be made of it any more`);
}
