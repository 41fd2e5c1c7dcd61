import type { Filter, FilterClauses } from '../conditions/filter.ts';
import { inputsOf } from '../conditions/filter-clauses.ts';
import { InvalidFilter } from '../conditions/invalid-filter.ts';
import { resolveFilter } from '../conditions/resolve.ts';
import { type Vocabulary, withStages } from '../conditions/vocabulary.ts';
import type { Definition } from './definitions.ts';

const filtersOf = ({ stages }: Definition): Filter[] =>
  stages.flatMap(({ entry, stay }) => (stay ? [entry, stay] : [entry]));

/** The definitions in which some condition about stages is such, in words. */
export function usesOfStages(
  definitions: readonly Definition[],
  vocabulary: Vocabulary,
  isMeant: (condition: FilterClauses['stage']) => boolean,
): string[] {
  const using = definitions.filter((definition) =>
    filtersOf(definition).some((filter) => inputsOf(filter, 'stage').some(isMeant)),
  );
  return inWords(using, vocabulary);
}

/** The definitions that could not be understood any more by this vocabulary, in words. */
export function brokenBy(vocabulary: Vocabulary, definitions: readonly Definition[]): string[] {
  const broken = definitions.filter(
    (definition) =>
      !filtersOf(definition).every((filter) => resolves(filter, definition, vocabulary)),
  );
  return inWords(broken, vocabulary);
}

function resolves(filter: Filter, definition: Definition, vocabulary: Vocabulary): boolean {
  const { kind, subjectId, stages } = definition;
  try {
    if (kind === 'SEGMENT') {
      const own = vocabulary.segments.find(({ id }) => id === subjectId);
      resolveFilter(filter, vocabulary, 'rule', { ownSegmentKey: own?.key });
      return true;
    }
    const keys = stages.map(({ key }) => key);
    const its = withStages(vocabulary, subjectId, keys);
    resolveFilter(filter, its, 'rule', { ownLifecycleId: subjectId });
    return true;
  } catch (error) {
    if (error instanceof InvalidFilter) return false;
    throw error;
  }
}

function inWords(definitions: readonly Definition[], vocabulary: Vocabulary): string[] {
  const names = definitions.map(({ kind, subjectId }) => {
    const [word, named] =
      kind === 'SEGMENT' ? ['segment', vocabulary.segments] : ['lifecycle', vocabulary.lifecycles];
    return `${word} ${named.find(({ id }) => id === subjectId)?.key ?? subjectId}`;
  });
  return [...new Set(names)];
}
