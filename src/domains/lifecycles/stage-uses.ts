import type { Filter } from '../../engine/conditions/filter.ts';
import { inputsOf } from '../../engine/conditions/filter-clauses.ts';
import type { Vocabulary } from '../../engine/conditions/vocabulary.ts';
import { describeDefinitions } from '../../engine/evaluation/broken-definitions.ts';
import type { Definition } from '../../engine/evaluation/definition.ts';
import type { StageCondition } from './filter/stage-clause.ts';

const filtersOf = ({ stages }: Definition): Filter[] =>
  stages.flatMap(({ entry, stay }) => (stay ? [entry, stay] : [entry]));

/** The definitions with a condition on stages that matches, named for messages. */
export function usesOfStages(
  definitions: readonly Definition[],
  vocabulary: Vocabulary,
  matches: (condition: StageCondition) => boolean,
): string[] {
  const using = definitions.filter((definition) =>
    filtersOf(definition).some((filter) => inputsOf(filter, 'stage').some(matches)),
  );
  return describeDefinitions(using, vocabulary);
}
