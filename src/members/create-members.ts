import { v7 as uuidv7 } from 'uuid';
import type { Database, Sql } from '../platform/database.ts';
import { InUse, InvalidInput, NotFound } from '../platform/errors.ts';
import { changeStaff } from './change-staff.ts';
import { parseEmail, parseName } from './parse-staff.ts';
import { usesOf } from './uses.ts';

export interface MemberRequest {
  name: string;
  email: string;
}

/** How many members a workspace has at most: their lists come without pages. */
export const mostMembers = 500;

/** The members of a workspace: the people who own stages and accept tasks. */
export function createMembers(database: Database) {
  return {
    /** @throws InvalidInput */
    create(workspaceId: string, request: MemberRequest, now: Date): Promise<{ id: string }> {
      const name = parseName('member', request.name);
      const email = parseEmail(request.email);
      return changeStaff(database, workspaceId, async (sql) => {
        const id = uuidv7();
        await demandFreeEmail(sql, workspaceId, email, id);
        await demandRoom(sql, workspaceId);
        await sql.query(
          'insert into member (workspace_id, id, name, email, created_at) values ($1, $2, $3, $4, $5)',
          [workspaceId, id, name, email, now],
        );
        return { id };
      });
    },

    /** What is undefined stays as it was. @throws NotFound, InvalidInput */
    update(workspaceId: string, id: string, change: Partial<MemberRequest>): Promise<void> {
      const name = change.name === undefined ? null : parseName('member', change.name);
      const email = change.email === undefined ? null : parseEmail(change.email);
      return changeStaff(database, workspaceId, async (sql) => {
        if (email !== null) await demandFreeEmail(sql, workspaceId, email, id);
        const { rowCount } = await sql.query(
          `update member set name = coalesce($3, name), email = coalesce($4, email)
           where workspace_id = $1 and id = $2`,
          [workspaceId, id, name, email],
        );
        if (rowCount === 0) throw new NotFound('member');
      });
    },

    /** @throws NotFound; InUse while the member owns something or has open tasks */
    delete(workspaceId: string, id: string): Promise<void> {
      return changeStaff(database, workspaceId, async (sql) => {
        const { rowCount } = await sql.query(
          'select from member where workspace_id = $1 and id = $2 for update',
          [workspaceId, id],
        );
        if (rowCount === 0) throw new NotFound('member');
        const uses = await usesOf(sql, workspaceId, id);
        if (uses.length > 0) throw new InUse('The member', uses);
        await sql.query('delete from member where workspace_id = $1 and id = $2', [
          workspaceId,
          id,
        ]);
      });
    },
  };
}

export type Members = ReturnType<typeof createMembers>;

async function demandFreeEmail(sql: Sql, workspaceId: string, email: string, id: string) {
  const { rows } = await sql.query(
    'select from member where workspace_id = $1 and email = $2 and id <> $3',
    [workspaceId, email, id],
  );
  if (rows.length > 0) throw new InvalidInput(`Another member has the e-mail ${email}.`);
}

async function demandRoom(sql: Sql, workspaceId: string) {
  const { rows } = await sql.query<{ members: number }>(
    'select count(*)::int as members from member where workspace_id = $1',
    [workspaceId],
  );
  if ((rows[0]?.members ?? 0) < mostMembers) return;
  throw new InvalidInput(`A workspace has at most ${mostMembers} members.`);
}
