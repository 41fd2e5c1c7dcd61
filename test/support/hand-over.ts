import { parseUuid } from '../../schema/kernel/global-id.ts';
import { recordHandOffs } from '../../src/domains/tasks/hand-offs.ts';
import { loadStageOwners } from '../../src/domains/tasks/stage-owners.ts';
import type { MoveCause } from '../../src/engine/changes/kinds.ts';
import type { Sql } from '../../src/platform/database.ts';
import { bumpRulesVersion } from '../../src/platform/workspace-lock.ts';
import type { TestServer, TestWorkspace } from './server.ts';

export interface Move {
  /** The global id of the customer. */
  customer: string;
  from?: string;
  to: string;
  at?: Date;
  cause?: MoveCause;
}

const defaultLifecycle = async (sql: Sql, { id }: TestWorkspace) => {
  const { rows } = await sql.query<{ id: string }>(
    'select id from lifecycle where workspace_id = $1 and is_default',
    [id],
  );
  return rows[0]?.id ?? '';
};

/** Moves customers in the default lifecycle, in one transaction as evaluation records them. */
export const handOver = (server: TestServer, workspace: TestWorkspace, moves: Move[]) =>
  server.database.inWorkspace(workspace.id, async (sql) => {
    const lifecycleId = await defaultLifecycle(sql, workspace);
    const now = server.clock.now ?? new Date();
    const owners = await loadStageOwners(sql, workspace.id);
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
    recordHandOffs(sql, workspace.id, changes, { owners, timeZone: workspace.timeZone, now });
  });

/** Gives a stage of the default lifecycle to a member or a team, known by their global ids. */
export const giveStage = (
  server: TestServer,
  workspace: TestWorkspace,
  stage: string,
  owner: { member?: string; team?: string; acceptWithin?: string },
) =>
  server.database.inWorkspace(workspace.id, async (sql) => {
    await sql.query(
      `update stage set owner_member_id = $3, owner_team_id = $4, accept_within = $5
       where workspace_id = $1 and lifecycle_id = $6 and key = $2`,
      [
        workspace.id,
        stage,
        owner.member === undefined ? null : parseUuid('Member', owner.member),
        owner.team === undefined ? null : parseUuid('Team', owner.team),
        owner.acceptWithin ?? null,
        await defaultLifecycle(sql, workspace),
      ],
    );
    bumpRulesVersion(sql, workspace.id);
  });
