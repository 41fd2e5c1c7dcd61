import { startBuild } from '../../engine/builds/start-build.ts';
import { type Owner, requireOwners } from '../../members/owner.ts';
import type { Database, Sql } from '../../platform/database.ts';
import { bumpRulesVersion, lockRulesExclusive } from '../../platform/workspace-lock.ts';
import { lifecycleSubject } from './activate-stages.ts';
import { checkDependants, checkRules } from './check-rules.ts';
import { type StageDraft, serializeRules, toOwner } from './definition/stage-draft.ts';
import { type LifecycleDefinition, loadLifecycleDefinition } from './load-lifecycle-definition.ts';
import { parseDescription, parseLabel, parseStages, type StageRequest } from './parse-stages.ts';
import { storeStages } from './store-stages.ts';

/** The fields to change; undefined fields keep their values. */
export interface LifecycleUpdate {
  name: string | undefined;
  description: string | undefined;
  owner: Owner | undefined;
  /** All stages, in order. */
  stages: StageRequest[] | undefined;
}

/**
 * Updates a lifecycle. New rules create a new version: a background build evaluates it for all customers
 * while the old version stays active. Names, goals and owners change at once.
 *
 * @throws NotFound, InvalidInput, InvalidFilter, InUse
 */
export const updateLifecycle = (
  database: Database,
  workspaceId: string,
  lifecycleId: string,
  update: LifecycleUpdate,
  now: Date,
): Promise<void> => {
  const name = update.name === undefined ? undefined : parseLabel(update.name, 'name');
  const description =
    update.description === undefined
      ? undefined
      : parseDescription(update.description, 'description');
  const stages = update.stages && parseStages(update.stages);
  return database.inWorkspace(workspaceId, async (sql) => {
    lockRulesExclusive(sql, workspaceId);
    const lifecycle = await loadLifecycleDefinition(sql, workspaceId, lifecycleId);
    const owners = [...(update.owner ? [update.owner] : []), ...(stages ?? []).map(toOwner)];
    await requireOwners(sql, workspaceId, owners);
    await sql.query(updateDetails, [
      workspaceId,
      lifecycleId,
      name ?? null,
      description ?? null,
      update.owner !== undefined,
      update.owner?.memberId ?? null,
      update.owner?.teamId ?? null,
    ]);
    if (stages) await changeStages(sql, workspaceId, { lifecycle, stages, now });
    bumpRulesVersion(sql, workspaceId);
  });
};

const updateDetails = `
  update lifecycle set name = coalesce($3, name), description = coalesce($4, description),
    owner_member_id = case when $5::boolean then $6::uuid else owner_member_id end,
    owner_team_id = case when $5::boolean then $7::uuid else owner_team_id end
  where workspace_id = $1 and id = $2`;

async function changeStages(
  sql: Sql,
  workspaceId: string,
  change: { lifecycle: LifecycleDefinition; stages: StageDraft[]; now: Date },
) {
  const { lifecycle, stages, now } = change;
  const { id, key, pending } = lifecycle;
  if (serializeRules(stages) === serializeRules(pending?.stages ?? lifecycle.stages)) {
    if (!pending) return storeStages(sql, workspaceId, id, stages);
    // The running build may continue: its rules are the same.
    await sql.query('update build set definition = $3 where workspace_id = $1 and id = $2', [
      workspaceId,
      pending.buildId,
      JSON.stringify({ stages }),
    ]);
    return;
  }
  await checkRules(sql, workspaceId, { id, key, stages });
  await checkDependants(sql, workspaceId, { id, key, stages });
  const build = { version: lifecycle.latestVersion + 1, definition: { stages }, now };
  await startBuild(sql, workspaceId, { kind: lifecycleSubject.kind, id }, build);
}
