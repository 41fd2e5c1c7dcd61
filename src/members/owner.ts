import type { Sql } from '../platform/database.ts';
import { NotFound } from '../platform/errors.ts';

/** Who answers for a thing: a member, a team, or (with neither) nobody. */
export interface Owner {
  memberId: string | null;
  teamId: string | null;
}

/**
 * Demands members that exist, and keeps them from being deleted until commit.
 *
 * @throws NotFound
 */
export async function demandMembers(sql: Sql, workspaceId: string, ids: readonly string[]) {
  const wanted = new Set(ids);
  if (wanted.size === 0) return;
  const { rows } = await sql.query(
    `select id from member where workspace_id = $1 and id = any($2::uuid[])
     order by id for key share`,
    [workspaceId, [...wanted]],
  );
  if (rows.length < wanted.size) throw new NotFound('member');
}

async function demandTeams(sql: Sql, workspaceId: string, ids: readonly string[]) {
  const wanted = new Set(ids);
  if (wanted.size === 0) return;
  const { rows } = await sql.query(
    `select id from team where workspace_id = $1 and id = any($2::uuid[])
     order by id for key share`,
    [workspaceId, [...wanted]],
  );
  if (rows.length < wanted.size) throw new NotFound('team');
}

/**
 * Demands owners that exist, and keeps them from being deleted until commit. To be called by whoever
 * writes an owner, before it does.
 *
 * @throws NotFound
 */
export async function demandOwners(sql: Sql, workspaceId: string, owners: readonly Owner[]) {
  const members = owners.flatMap(({ memberId }) => memberId ?? []);
  const teams = owners.flatMap(({ teamId }) => teamId ?? []);
  await demandMembers(sql, workspaceId, members);
  await demandTeams(sql, workspaceId, teams);
}
