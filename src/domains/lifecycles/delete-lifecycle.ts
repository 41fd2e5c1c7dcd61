import { deleteBuilds } from '../../engine/builds/start-build.ts';
import { loadVocabulary } from '../../engine/conditions/vocabulary.ts';
import { loadDefinitions } from '../../engine/evaluation/definitions.ts';
import type { Database, Sql } from '../../platform/database.ts';
import { InUse } from '../../platform/errors.ts';
import { bumpRulesVersion, lockRulesExclusive } from '../../platform/workspace-lock.ts';
import { loadLifecycleDefinition } from './load-lifecycle-definition.ts';
import { usesOfStages } from './stage-uses.ts';

/**
 * Deletes a lifecycle and the current stages of all customers in it; its changes stay in the log.
 *
 * @throws NotFound; InUse when it is the default lifecycle, or rules or segments refer to its stages
 */
export const deleteLifecycle = (database: Database, workspaceId: string, lifecycleId: string) =>
  database.inWorkspace(workspaceId, async (sql) => {
    lockRulesExclusive(sql, workspaceId);
    const { key, isDefault } = await loadLifecycleDefinition(sql, workspaceId, lifecycleId);
    const uses = await referencesTo(sql, workspaceId, { lifecycleId, key });
    if (isDefault) uses.unshift('the workspace as its default lifecycle');
    if (uses.length > 0) throw new InUse(`Lifecycle ${key}`, uses);
    await deleteBuilds(sql, workspaceId, lifecycleId);
    await sql.query('delete from customer_stage where workspace_id = $1 and lifecycle_id = $2', [
      workspaceId,
      lifecycleId,
    ]);
    await sql.query('delete from lifecycle where workspace_id = $1 and id = $2', [
      workspaceId,
      lifecycleId,
    ]);
    bumpRulesVersion(sql, workspaceId);
  });

async function referencesTo(
  sql: Sql,
  workspaceId: string,
  { lifecycleId, key }: { lifecycleId: string; key: string },
): Promise<string[]> {
  const vocabulary = await loadVocabulary(sql, workspaceId);
  const definitions = await loadDefinitions(sql, workspaceId);
  const others = definitions.filter(({ subjectId }) => subjectId !== lifecycleId);
  return usesOfStages(
    others,
    vocabulary,
    ({ lifecycle }) => lifecycle?.toUpperCase() === key.toUpperCase(),
  );
}
