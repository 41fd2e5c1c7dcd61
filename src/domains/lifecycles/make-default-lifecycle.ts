import { loadVocabulary } from '../../engine/conditions/vocabulary.ts';
import { loadDefinitions } from '../../engine/evaluation/definitions.ts';
import type { Database, Sql } from '../../platform/database.ts';
import { InUse, InvalidInput } from '../../platform/errors.ts';
import { bumpRulesVersion, lockRulesExclusive } from '../../platform/workspace-lock.ts';
import { loadLifecycleDefinition } from './load-lifecycle-definition.ts';
import { usesOfStages } from './stage-uses.ts';

/**
 * Makes a lifecycle the default, which filters refer to when they name no lifecycle.
 *
 * @throws NotFound; InvalidInput while it is being built; InUse when a stored filter refers to the default
 * lifecycle without naming it, since its meaning would change
 */
export const makeDefaultLifecycle = (
  database: Database,
  workspaceId: string,
  lifecycleId: string,
) =>
  database.inWorkspace(workspaceId, async (sql) => {
    lockRulesExclusive(sql, workspaceId);
    const { key, isDefault, stages } = await loadLifecycleDefinition(sql, workspaceId, lifecycleId);
    if (isDefault) return;
    if (stages.length === 0) {
      throw new InvalidInput(
        `Lifecycle ${key} is still being built. Wait for its build to finish.`,
      );
    }
    await requireNoImplicitReferences(sql, workspaceId);
    await sql.query(
      'update lifecycle set is_default = false where workspace_id = $1 and is_default',
      [workspaceId],
    );
    await sql.query('update lifecycle set is_default = true where workspace_id = $1 and id = $2', [
      workspaceId,
      lifecycleId,
    ]);
    bumpRulesVersion(sql, workspaceId);
  });

async function requireNoImplicitReferences(sql: Sql, workspaceId: string) {
  const vocabulary = await loadVocabulary(sql, workspaceId);
  const definitions = await loadDefinitions(sql, workspaceId);
  const references = usesOfStages(
    definitions,
    vocabulary,
    ({ lifecycle }) => lifecycle === undefined,
  );
  if (references.length > 0)
    throw new InUse('The default lifecycle, without being named,', references);
}
