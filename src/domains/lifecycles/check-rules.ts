import { resolveFilter } from '../../engine/conditions/resolve.ts';
import { loadVocabularyWithPending, type Vocabulary } from '../../engine/conditions/vocabulary.ts';
import { brokenBy } from '../../engine/evaluation/broken-definitions.ts';
import { loadDefinitions } from '../../engine/evaluation/definitions.ts';
import type { Transaction } from '../../platform/database.ts';
import { InUse } from '../../platform/errors.ts';
import type { StageDraft } from './definition/stage-draft.ts';
import { withStages } from './filter/lifecycle-vocabulary.ts';

interface Proposal {
  id: string;
  key: string;
  stages: readonly StageDraft[];
}

/**
 * Checks that everything the rules of a lifecycle refer to exists, active or pending.
 *
 * @throws InvalidFilter naming the path to an unknown name or a circular reference
 */
export async function checkRules(
  db: Transaction,
  { id, key, stages }: Proposal,
  path = 'stages',
): Promise<void> {
  const known = await loadVocabularyWithPending(db);
  const keys = stages.map((stage) => stage.key);
  const vocabulary = withStages(withLifecycle(known, id, key), id, keys);
  for (const [index, { entry, stay }] of stages.entries()) {
    const owner = { ownLifecycleId: id };
    resolveFilter(entry, vocabulary, `${path}.${index}.entry`, owner);
    if (stay) resolveFilter(stay, vocabulary, `${path}.${index}.stay`, owner);
  }
}

const withLifecycle = (vocabulary: Vocabulary, id: string, key: string): Vocabulary =>
  vocabulary.lifecycles.some((lifecycle) => lifecycle.id === id)
    ? vocabulary
    : {
        ...vocabulary,
        lifecycles: [
          ...vocabulary.lifecycles,
          { id, key, isDefault: false, stages: [], rules: [] },
        ],
      };

/** Checks that every definition which refers to the lifecycle stays valid with its new stages. @throws InUse */
export async function checkDependants(db: Transaction, { id, key, stages }: Proposal) {
  const known = await loadVocabularyWithPending(db);
  const keys = stages.map((stage) => stage.key);
  const rules = stages.flatMap(({ entry, stay }) => (stay ? [entry, stay] : [entry]));
  const vocabulary = {
    ...known,
    lifecycles: known.lifecycles.map((lifecycle) =>
      lifecycle.id === id
        ? {
            ...lifecycle,
            stages: lifecycle.stages.filter((stage) => keys.includes(stage)),
            rules: [...lifecycle.rules, ...rules],
          }
        : lifecycle,
    ),
  };
  const definitions = await loadDefinitions(db);
  const others = definitions.filter(({ subjectId }) => subjectId !== id);
  const broken = brokenBy(vocabulary, others);
  if (broken.length > 0) throw new InUse(`A removed stage of ${key}`, broken);
}
