import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '../platform/database.ts';
import { InvalidInput, NotFound } from '../platform/errors.ts';
import { sql } from '../platform/sql.ts';
import { bumpRulesVersion, lockRulesExclusive } from '../platform/workspace-lock.ts';
import { requireMembers } from './owner.ts';
import { parseName } from './parse-staff.ts';

export const teamKinds = ['MARKETING', 'SALES', 'CUSTOMER_SERVICE'] as const;

export type TeamKind = (typeof teamKinds)[number];

export interface TeamRequest {
  name: string;
  kind: TeamKind;
  /** The complete list of members. */
  memberIds: readonly string[];
}

/** Maximum per workspace, because the list of teams is not paginated. */
export const maxTeams = 100;

/**
 * Creates a team, which owns stages and hands customers over to other teams.
 *
 * @throws InvalidInput; NotFound for an unknown member
 */
export async function createTeam(
  db: Transaction,
  request: TeamRequest,
  now: Date,
): Promise<{ id: string }> {
  const name = parseName('team', request.name);
  const id = uuidv7();
  lockRulesExclusive(db);
  await requireFreeName(db, name, id);
  await requireBelowMaximum(db);
  await db.query(sql`
    insert into team (workspace_id, id, name, kind, created_at)
    values (${db.workspaceId}, ${id}, ${name}, ${request.kind}, ${now})`);
  await addMembers(db, id, request.memberIds);
  bumpRulesVersion(db);
  return { id };
}

/** Leaves undefined fields unchanged. @throws NotFound, InvalidInput */
export async function updateTeam(
  db: Transaction,
  { id, change }: { id: string; change: Partial<TeamRequest> },
): Promise<void> {
  const { kind, memberIds } = change;
  const name = change.name === undefined ? null : parseName('team', change.name);
  lockRulesExclusive(db);
  if (name !== null) await requireFreeName(db, name, id);
  const { rowCount } = await db.query(sql`
    update team set name = coalesce(${name}, name), kind = coalesce(${kind ?? null}, kind)
    where workspace_id = ${db.workspaceId} and id = ${id}`);
  if (rowCount === 0) throw new NotFound('team');
  if (memberIds) await replaceMembers(db, id, memberIds);
  bumpRulesVersion(db);
}

async function requireFreeName(db: Transaction, name: string, id: string) {
  const { rows } = await db.query(sql`
    select from team
    where workspace_id = ${db.workspaceId} and lower(name) = lower(${name}) and id <> ${id}`);
  if (rows.length > 0) throw new InvalidInput(`Another team has the name ${name}.`);
}

async function requireBelowMaximum(db: Transaction) {
  const { rows } = await db.query<{ teams: number }>(
    sql`select count(*)::int as teams from team where workspace_id = ${db.workspaceId}`,
  );
  if ((rows[0]?.teams ?? 0) < maxTeams) return;
  throw new InvalidInput(`A workspace has at most ${maxTeams} teams.`);
}

async function replaceMembers(db: Transaction, id: string, ids: readonly string[]) {
  await db.query(
    sql`delete from team_member where workspace_id = ${db.workspaceId} and team_id = ${id}`,
  );
  await addMembers(db, id, ids);
}

async function addMembers(db: Transaction, id: string, ids: readonly string[]) {
  await requireMembers(db, ids);
  await db.query(sql`
    insert into team_member (workspace_id, team_id, member_id)
    select distinct ${db.workspaceId}::uuid, ${id}::uuid, member_id
    from unnest(${ids}::uuid[]) as member_id`);
}
