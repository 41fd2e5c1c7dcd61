import { parseUuid } from '../../schema/kernel/global-id.ts';
import { recordHandOffs } from '../../src/domains/tasks/hand-offs.ts';
import { loadStageOwners } from '../../src/domains/tasks/stage-owners.ts';
import type { MoveCause } from '../../src/engine/changes/kinds.ts';
import type { Transaction } from '../../src/platform/database.ts';
import { sql } from '../../src/platform/sql.ts';
import { bumpRulesVersion } from '../../src/platform/workspace-lock.ts';
import type { TestServer, TestWorkspace } from './server.ts';

export interface HandOverMove {
  /** The global id of the customer. */
  customer: string;
  from?: string;
  to: string;
  at?: Date;
  cause?: MoveCause;
}

const defaultLifecycle = async (db: Transaction, { id }: TestWorkspace) => {
  const { rows } = await db.query<{ id: string }>(sql`
    select id from lifecycle where workspace_id = ${id} and is_default`);
  return rows[0]?.id ?? '';
};

/** Moves customers in the default lifecycle, in one transaction as evaluation does. */
export const handOver = (server: TestServer, workspace: TestWorkspace, moves: HandOverMove[]) =>
  server.database.inWorkspace(workspace.id, async (db) => {
    const lifecycleId = await defaultLifecycle(db, workspace);
    const now = server.clock.now ?? new Date();
    const owners = await loadStageOwners(db);
    const changes = moves.map(({ customer, from, to, at, cause }) => ({
      kind: 'STAGE_CHANGED' as const,
      customerId: parseUuid('Customer', customer) ?? '',
      at: at ?? now,
      data: {
        lifecycle: lifecycleId,
        version: 1,
        from: from ?? null,
        to,
        rule: { all: [] },
        cause: cause ?? ('EVENT' as const),
        event: null,
        late: false,
      },
    }));
    recordHandOffs(db, changes, { owners, timeZone: workspace.timeZone, now });
  });

/** Sets the owner of a stage of the default lifecycle, by its global id. */
export const setStageOwner = (
  server: TestServer,
  workspace: TestWorkspace,
  stage: string,
  owner: { member?: string; team?: string; acceptWithin?: string },
) =>
  server.database.inWorkspace(workspace.id, async (db) => {
    await db.query(sql`
      update stage
        set owner_member_id = ${owner.member === undefined ? null : parseUuid('Member', owner.member)},
          owner_team_id = ${owner.team === undefined ? null : parseUuid('Team', owner.team)},
            accept_within = ${owner.acceptWithin ?? null}
      where workspace_id = ${workspace.id} and lifecycle_id = ${await defaultLifecycle(db, workspace)}
        and key = ${stage}`);
    bumpRulesVersion(db);
  });
