import { v7 as uuidv7 } from 'uuid';
import { startBuild } from '../../engine/builds/start-build.ts';
import { requireOwners } from '../../members/owner.ts';
import type { Transaction } from '../../platform/database.ts';
import { InvalidInput } from '../../platform/errors.ts';
import { sql } from '../../platform/sql.ts';
import { bumpRulesVersion, lockRulesExclusive } from '../../platform/workspace-lock.ts';
import { lifecycleSubject } from './activate-stages.ts';
import { checkRules } from './check-rules.ts';
import { toOwner } from './definition/stage-draft.ts';
import {
  parseDescription,
  parseKey,
  parseLabel,
  parseStages,
  type StageRequest,
} from './parse-stages.ts';

export interface LifecycleRequest {
  key: string;
  name: string;
  description: string;
  ownerMemberId: string | null;
  ownerTeamId: string | null;
  stages: StageRequest[];
}

/**
 * Creates a lifecycle. A background build first places all customers in its stages, then activates them
 * in one transaction.
 *
 * @throws InvalidInput, InvalidFilter, NotFound for an owner
 */
export async function createLifecycle(
  db: Transaction,
  request: LifecycleRequest,
  { now, maxLifecycles }: { now: Date; maxLifecycles: number },
): Promise<{ lifecycleId: string }> {
  const key = parseKey(request.key, 'key');
  const name = parseLabel(request.name, 'name');
  const description = parseDescription(request.description, 'description');
  const stages = parseStages(request.stages);
  const id = uuidv7();
  lockRulesExclusive(db);
  await requireFreeKey(db, { key, maxLifecycles });
  await checkRules(db, { id, key, stages });
  await requireOwners(db, [toOwner(request), ...stages.map(toOwner)]);
  await db.query(sql`
    insert into lifecycle (workspace_id, id, key, name, description, owner_member_id, owner_team_id)
    values (${db.workspaceId}, ${id}, ${key}, ${name}, ${description}, ${request.ownerMemberId},
      ${request.ownerTeamId})`);
  const build = { version: 1, definition: { stages }, now };
  await startBuild(db, { kind: lifecycleSubject.kind, id }, build);
  bumpRulesVersion(db);
  return { lifecycleId: id };
}

/** @throws InvalidInput when the key is taken or the limit is reached: every lifecycle slows down ingestion */
async function requireFreeKey(
  db: Transaction,
  { key, maxLifecycles }: { key: string; maxLifecycles: number },
) {
  const { rows } = await db.query<{ key: string }>(
    sql`select upper(key) as key from lifecycle where workspace_id = ${db.workspaceId}`,
  );
  if (rows.some((row) => row.key === key)) {
    throw new InvalidInput(`key: a lifecycle with the key ${key} already exists.`);
  }
  if (rows.length < maxLifecycles) return;
  throw new InvalidInput(
    `A workspace has at most ${maxLifecycles} lifecycles. Delete one, or raise STAGELINE_LIFECYCLES.`,
  );
}
