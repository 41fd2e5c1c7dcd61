import { InvalidFilter } from '../conditions/invalid-filter.ts';
import type { Vocabulary } from '../conditions/vocabulary.ts';
import type { Definition } from './definition.ts';
import { requireKind } from './definitions.ts';

/** Describes the definitions that cannot be resolved with this vocabulary. */
export const brokenBy = (vocabulary: Vocabulary, definitions: readonly Definition[]): string[] =>
  describeDefinitions(
    definitions.filter((definition) => !resolves(definition, vocabulary)),
    vocabulary,
  );

function resolves(definition: Definition, vocabulary: Vocabulary): boolean {
  try {
    requireKind(definition.kind).resolve(vocabulary, [definition]);
    return true;
  } catch (error) {
    if (error instanceof InvalidFilter) return false;
    throw error;
  }
}

/** Describes the subjects of definitions, without duplicates. */
export function describeDefinitions(
  definitions: readonly Definition[],
  vocabulary: Vocabulary,
): string[] {
  const names = definitions.map((definition) => {
    const { kind, subjectId } = definition;
    return requireKind(kind).describe?.(definition, vocabulary) ?? subjectId;
  });
  return [...new Set(names)];
}
