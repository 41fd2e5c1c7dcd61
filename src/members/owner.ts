import type { Sql } from '../platform/database.ts';
import { NotFound } from '../platform/errors.ts';

/** The owner of an object: a member, a team, or neither. */
export interface Owner {
  memberId: string | null;
  teamId: string | null;
}

/**
 * Requires that the members exist, and prevents their deletion until commit.
 *
 * @throws NotFound
 */
export async function requireMembers(sql: Sql, workspaceId: string, ids: readonly string[]) {
  const unique = new Set(ids);
  if (unique.size === 0) return;
  const { rows } = await sql.query(
    `select id from member where workspace_id = $1 and id = any($2::uuid[])
     order by id for key share`,
    [workspaceId, [...unique]],
  );
  if (rows.length < unique.size) throw new NotFound('member');
}

async function requireTeams(sql: Sql, workspaceId: string, ids: readonly string[]) {
  const unique = new Set(ids);
  if (unique.size === 0) return;
  const { rows } = await sql.query(
    `select id from team where workspace_id = $1 and id = any($2::uuid[])
     order by id for key share`,
    [workspaceId, [...unique]],
  );
  if (rows.length < unique.size) throw new NotFound('team');
}

/**
 * Requires that the owners exist, and prevents their deletion until commit. Call it before an owner is stored.
 *
 * @throws NotFound
 */
export async function requireOwners(sql: Sql, workspaceId: string, owners: readonly Owner[]) {
  const members = owners.flatMap(({ memberId }) => memberId ?? []);
  const teams = owners.flatMap(({ teamId }) => teamId ?? []);
  await requireMembers(sql, workspaceId, members);
  await requireTeams(sql, workspaceId, teams);
}
