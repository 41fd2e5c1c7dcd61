import { loadLastingVocabulary } from '../../engine/conditions/lasting-vocabulary.ts';
import { resolveFilter } from '../../engine/conditions/resolve.ts';
import { type Vocabulary, withStages } from '../../engine/conditions/vocabulary.ts';
import { brokenBy } from '../../engine/evaluation/broken-definitions.ts';
import { loadDefinitions } from '../../engine/evaluation/definitions.ts';
import type { Sql } from '../../platform/database.ts';
import { InUse } from '../../platform/errors.ts';
import type { StageDraft } from './stage-draft.ts';

interface Proposal {
  id: string;
  key: string;
  stages: readonly StageDraft[];
}

/**
 * Checks what the rules of a lifecycle refer to, in force or not yet.
 *
 * @throws InvalidFilter naming the path to a name nobody knows, or to where the definition turns in a circle
 */
export async function checkRules(
  sql: Sql,
  workspaceId: string,
  { id, key, stages }: Proposal,
  path = 'stages',
): Promise<void> {
  const lasting = await loadLastingVocabulary(sql, workspaceId);
  const keys = stages.map((stage) => stage.key);
  const own = withStages(withLifecycle(lasting, id, key), id, keys);
  for (const [index, { entry, stay }] of stages.entries()) {
    const owner = { ownLifecycleId: id };
    resolveFilter(entry, own, `${path}.${index}.entry`, owner);
    if (stay) resolveFilter(stay, own, `${path}.${index}.stay`, owner);
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

/** Whatever refers to the lifecycle has to make sense with its new stages too. @throws InUse */
export async function checkDependants(
  sql: Sql,
  workspaceId: string,
  { id, key, stages }: Proposal,
) {
  const lasting = await loadLastingVocabulary(sql, workspaceId);
  const keys = stages.map((stage) => stage.key);
  const rules = stages.flatMap(({ entry, stay }) => (stay ? [entry, stay] : [entry]));
  const vocabulary = {
    ...lasting,
    lifecycles: lasting.lifecycles.map((lifecycle) =>
      lifecycle.id === id
        ? {
            ...lifecycle,
            stages: lifecycle.stages.filter((stage) => keys.includes(stage)),
            rules: [...lifecycle.rules, ...rules],
          }
        : lifecycle,
    ),
  };
  const definitions = await loadDefinitions(sql, workspaceId);
  const others = definitions.filter(({ subjectId }) => subjectId !== id);
  const broken = brokenBy(vocabulary, others);
  if (broken.length > 0) throw new InUse(`A stage of ${key} that is to go`, broken);
}
