import type { Filter } from '../../engine/conditions/filter.ts';
import { InvalidFilter } from '../../engine/conditions/invalid-filter.ts';
import { resolveFilter } from '../../engine/conditions/resolve.ts';
import { loadVocabularyWithPending } from '../../engine/conditions/vocabulary.ts';
import { brokenBy } from '../../engine/evaluation/broken-definitions.ts';
import { loadDefinitions } from '../../engine/evaluation/definitions.ts';
import type { Transaction } from '../../platform/database.ts';

interface Proposal {
  id: string;
  key: string;
  filter: Filter;
}

/**
 * Checks that everything a segment's filter refers to exists, active or pending, and that definitions that
 * refer to the segment stay valid with it.
 *
 * @throws InvalidFilter naming the path to an unknown name or a circular reference
 */
export async function checkFilter(db: Transaction, { id, key, filter }: Proposal): Promise<void> {
  const known = await loadVocabularyWithPending(db);
  resolveFilter(filter, known, 'filter', { ownSegmentKey: key });
  const segments = known.segments.map((segment) =>
    segment.id === id && segment.filter
      ? { ...segment, filter: { any: [segment.filter, filter] } }
      : segment,
  );
  const definitions = await loadDefinitions(db);
  const others = definitions.filter(({ subjectId }) => subjectId !== id);
  const broken = brokenBy({ ...known, segments }, others);
  if (broken.length === 0) return;
  throw new InvalidFilter('filter', `makes definitions that use it invalid: ${broken.join(', ')}`);
}
