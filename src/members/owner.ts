import type { Transaction } from '../platform/database.ts';
import { NotFound } from '../platform/errors.ts';
import { type Sql, sql } from '../platform/sql.ts';

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
export async function requireMembers(db: Transaction, ids: readonly string[]) {
  const unique = new Set(ids);
  if (unique.size === 0) return;
  const { rows } = await db.query(sql`
    select id from member where workspace_id = ${db.workspaceId} and id = any(${[...unique]}::uuid[])
    order by id for key share`);
  if (rows.length < unique.size) throw new NotFound('member');
}

async function requireTeams(db: Transaction, ids: readonly string[]) {
  const unique = new Set(ids);
  if (unique.size === 0) return;
  const { rows } = await db.query(sql`
    select id from team where workspace_id = ${db.workspaceId} and id = any(${[...unique]}::uuid[])
    order by id for key share`);
  if (rows.length < unique.size) throw new NotFound('team');
}

/**
 * Requires that the owners exist, and prevents their deletion until commit. Call it before an owner is stored.
 *
 * @throws NotFound
 */
export async function requireOwners(db: Transaction, owners: readonly Owner[]) {
  const members = owners.flatMap(({ memberId }) => memberId ?? []);
  const teams = owners.flatMap(({ teamId }) => teamId ?? []);
  await requireMembers(db, members);
  await requireTeams(db, teams);
}

/** Assignments of an update that stores an owner, each with its comma. */
export const assignOwner = ({ memberId, teamId }: Owner): Sql => sql`
  owner_member_id = ${memberId}, owner_team_id = ${teamId},`;
