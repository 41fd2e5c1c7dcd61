import { startBuild } from '../../engine/builds/start-build.ts';
import { assignOwner, type Owner, requireOwners } from '../../members/owner.ts';
import type { Transaction } from '../../platform/database.ts';
import { emptySql, sql } from '../../platform/sql.ts';
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
export async function updateLifecycle(
  db: Transaction,
  { lifecycleId, update }: { lifecycleId: string; update: LifecycleUpdate },
  now: Date,
): Promise<void> {
  const name = update.name === undefined ? undefined : parseLabel(update.name, 'name');
  const description =
    update.description === undefined
      ? undefined
      : parseDescription(update.description, 'description');
  const { owner } = update;
  const stages = update.stages && parseStages(update.stages);
  lockRulesExclusive(db);
  const lifecycle = await loadLifecycleDefinition(db, lifecycleId);
  const owners = [...(owner ? [owner] : []), ...(stages ?? []).map(toOwner)];
  await requireOwners(db, owners);
  await db.query(sql`
    update lifecycle set ${owner ? assignOwner(owner) : emptySql}
      name = coalesce(${name ?? null}, name),
      description = coalesce(${description ?? null}, description)
    where workspace_id = ${db.workspaceId} and id = ${lifecycleId}`);
  if (stages) await changeStages(db, { lifecycle, stages, now });
  bumpRulesVersion(db);
}

async function changeStages(
  db: Transaction,
  change: { lifecycle: LifecycleDefinition; stages: StageDraft[]; now: Date },
) {
  const { lifecycle, stages, now } = change;
  const { id, key, pending } = lifecycle;
  if (serializeRules(stages) === serializeRules(pending?.stages ?? lifecycle.stages)) {
    if (!pending) return storeStages(db, id, stages);
    // The running build may continue: its rules are the same.
    await db.query(sql`
      update build set definition = ${JSON.stringify({ stages })}
        where workspace_id = ${db.workspaceId} and id = ${pending.buildId}`);
    return;
  }
  await checkRules(db, { id, key, stages });
  await checkDependants(db, { id, key, stages });
  const build = { version: lifecycle.latestVersion + 1, definition: { stages }, now };
  await startBuild(db, { kind: lifecycleSubject.kind, id }, build);
}
