import { loadVocabulary } from '../../engine/conditions/vocabulary.ts';
import { loadDefinitions } from '../../engine/evaluation/definitions.ts';
import type { Transaction } from '../../platform/database.ts';
import { InUse, InvalidInput } from '../../platform/errors.ts';
import { sql } from '../../platform/sql.ts';
import { bumpRulesVersion, lockRulesExclusive } from '../../platform/workspace-lock.ts';
import { loadLifecycleDefinition } from './load-lifecycle-definition.ts';
import { usesOfStages } from './stage-uses.ts';

/**
 * Makes a lifecycle the default, which filters refer to when they name no lifecycle.
 *
 * @throws NotFound; InvalidInput while it is being built; InUse when a stored filter refers to the default
 * lifecycle without naming it, since its meaning would change
 */
export async function makeDefaultLifecycle(db: Transaction, lifecycleId: string): Promise<void> {
  const { workspaceId } = db;
  lockRulesExclusive(db);
  const { key, isDefault, stages } = await loadLifecycleDefinition(db, lifecycleId);
  if (isDefault) return;
  if (stages.length === 0) {
    throw new InvalidInput(`Lifecycle ${key} is still being built. Wait for its build to finish.`);
  }
  await requireNoImplicitReferences(db);
  await db.query(sql`
    update lifecycle set is_default = false where workspace_id = ${workspaceId} and is_default`);
  await db.query(sql`
    update lifecycle set is_default = true
    where workspace_id = ${workspaceId} and id = ${lifecycleId}`);
  bumpRulesVersion(db);
}

async function requireNoImplicitReferences(db: Transaction) {
  const vocabulary = await loadVocabulary(db);
  const definitions = await loadDefinitions(db);
  const references = usesOfStages(
    definitions,
    vocabulary,
    ({ lifecycle }) => lifecycle === undefined,
  );
  if (references.length > 0)
    throw new InUse('The default lifecycle, without being named,', references);
}
