import { deleteBuilds } from '../../engine/builds/start-build.ts';
import { loadVocabulary } from '../../engine/conditions/vocabulary.ts';
import { loadDefinitions } from '../../engine/evaluation/definitions.ts';
import type { Transaction } from '../../platform/database.ts';
import { InUse } from '../../platform/errors.ts';
import { sql } from '../../platform/sql.ts';
import { bumpRulesVersion, lockRulesExclusive } from '../../platform/workspace-lock.ts';
import { loadLifecycleDefinition } from './load-lifecycle-definition.ts';
import { usesOfStages } from './stage-uses.ts';

/**
 * Deletes a lifecycle and the current stages of all customers in it; its changes stay in the log.
 *
 * @throws NotFound; InUse when it is the default lifecycle, or rules or segments refer to its stages
 */
export async function deleteLifecycle(db: Transaction, lifecycleId: string): Promise<void> {
  const { workspaceId } = db;
  lockRulesExclusive(db);
  const { key, isDefault } = await loadLifecycleDefinition(db, lifecycleId);
  const uses = await referencesTo(db, { lifecycleId, key });
  if (isDefault) uses.unshift('the workspace as its default lifecycle');
  if (uses.length > 0) throw new InUse(`Lifecycle ${key}`, uses);
  await deleteBuilds(db, lifecycleId);
  await db.query(sql`
    delete from customer_stage where workspace_id = ${workspaceId} and lifecycle_id = ${lifecycleId}`);
  await db.query(sql`
    delete from lifecycle where workspace_id = ${workspaceId} and id = ${lifecycleId}`);
  bumpRulesVersion(db);
}

async function referencesTo(
  db: Transaction,
  { lifecycleId, key }: { lifecycleId: string; key: string },
): Promise<string[]> {
  const vocabulary = await loadVocabulary(db);
  const definitions = await loadDefinitions(db);
  const others = definitions.filter(({ subjectId }) => subjectId !== lifecycleId);
  return usesOfStages(
    others,
    vocabulary,
    ({ lifecycle }) => lifecycle?.toUpperCase() === key.toUpperCase(),
  );
}
