import { v7 as uuidv7 } from 'uuid';
import type { Database, Sql } from '../platform/database.ts';
import { InUse, InvalidInput, NotFound } from '../platform/errors.ts';
import { changeStaff } from './change-staff.ts';
import { requireMembers } from './owner.ts';
import { parseName } from './parse-staff.ts';
import { referencesTo } from './references-to.ts';

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

/** The teams of a workspace, which own stages and hand customers over to each other. */
export function createTeams(database: Database) {
  return {
    /** @throws InvalidInput; NotFound for an unknown member */
    create(workspaceId: string, request: TeamRequest, now: Date): Promise<{ id: string }> {
      const name = parseName('team', request.name);
      return changeStaff(database, workspaceId, async (sql) => {
        const id = uuidv7();
        await requireFreeName(sql, workspaceId, name, id);
        await requireBelowMaximum(sql, workspaceId);
        await sql.query(
          'insert into team (workspace_id, id, name, kind, created_at) values ($1, $2, $3, $4, $5)',
          [workspaceId, id, name, request.kind, now],
        );
        await addMembers(sql, workspaceId, id, request.memberIds);
        return { id };
      });
    },

    /** Leaves undefined fields unchanged. @throws NotFound, InvalidInput */
    update(workspaceId: string, id: string, change: Partial<TeamRequest>): Promise<void> {
      const { kind, memberIds } = change;
      const name = change.name === undefined ? null : parseName('team', change.name);
      return changeStaff(database, workspaceId, async (sql) => {
        if (name !== null) await requireFreeName(sql, workspaceId, name, id);
        const { rowCount } = await sql.query(
          `update team set name = coalesce($3, name), kind = coalesce($4, kind)
           where workspace_id = $1 and id = $2`,
          [workspaceId, id, name, kind ?? null],
        );
        if (rowCount === 0) throw new NotFound('team');
        if (memberIds) await replaceMembers(sql, workspaceId, id, memberIds);
      });
    },

    /** @throws NotFound; InUse while the team owns something or has open tasks */
    delete(workspaceId: string, id: string): Promise<void> {
      return changeStaff(database, workspaceId, async (sql) => {
        const { rowCount } = await sql.query(
          'select from team where workspace_id = $1 and id = $2 for update',
          [workspaceId, id],
        );
        if (rowCount === 0) throw new NotFound('team');
        const uses = await referencesTo(sql, workspaceId, id);
        if (uses.length > 0) throw new InUse('The team', uses);
        await sql.query('delete from team where workspace_id = $1 and id = $2', [workspaceId, id]);
      });
    },
  };
}

export type Teams = ReturnType<typeof createTeams>;

async function requireFreeName(sql: Sql, workspaceId: string, name: string, id: string) {
  const { rows } = await sql.query(
    'select from team where workspace_id = $1 and lower(name) = lower($2) and id <> $3',
    [workspaceId, name, id],
  );
  if (rows.length > 0) throw new InvalidInput(`Another team has the name ${name}.`);
}

async function requireBelowMaximum(sql: Sql, workspaceId: string) {
  const { rows } = await sql.query<{ teams: number }>(
    'select count(*)::int as teams from team where workspace_id = $1',
    [workspaceId],
  );
  if ((rows[0]?.teams ?? 0) < maxTeams) return;
  throw new InvalidInput(`A workspace has at most ${maxTeams} teams.`);
}

async function replaceMembers(sql: Sql, workspaceId: string, id: string, ids: readonly string[]) {
  await sql.query('delete from team_member where workspace_id = $1 and team_id = $2', [
    workspaceId,
    id,
  ]);
  await addMembers(sql, workspaceId, id, ids);
}

async function addMembers(sql: Sql, workspaceId: string, id: string, ids: readonly string[]) {
  await requireMembers(sql, workspaceId, ids);
  await sql.query(
    `insert into team_member (workspace_id, team_id, member_id)
     select distinct $1::uuid, $2::uuid, member_id from unnest($3::uuid[]) as member_id`,
    [workspaceId, id, ids],
  );
}
