import { v7 as uuidv7 } from 'uuid';
import type { Database, Sql } from '../platform/database.ts';
import { InUse, InvalidInput, NotFound } from '../platform/errors.ts';
import { changeStaff } from './change-staff.ts';
import { parseEmail, parseName } from './parse-staff.ts';
import { referencesTo } from './references-to.ts';

export interface MemberRequest {
  name: string;
  email: string;
}

/** Maximum per workspace, because lists of members are not paginated. */
export const maxMembers = 500;

/** The members of a workspace: the people who own stages and accept tasks. */
export function createMembers(database: Database) {
  return {
    /** @throws InvalidInput */
    create(workspaceId: string, request: MemberRequest, now: Date): Promise<{ id: string }> {
      const name = parseName('member', request.name);
      const email = parseEmail(request.email);
      return changeStaff(database, workspaceId, async (sql) => {
        const id = uuidv7();
        await requireFreeEmail(sql, workspaceId, email, id);
        await requireBelowMaximum(sql, workspaceId);
        await sql.query(
          'insert into member (workspace_id, id, name, email, created_at) values ($1, $2, $3, $4, $5)',
          [workspaceId, id, name, email, now],
        );
        return { id };
      });
    },

    /** Leaves undefined fields unchanged. @throws NotFound, InvalidInput */
    update(workspaceId: string, id: string, change: Partial<MemberRequest>): Promise<void> {
      const name = change.name === undefined ? null : parseName('member', change.name);
      const email = change.email === undefined ? null : parseEmail(change.email);
      return changeStaff(database, workspaceId, async (sql) => {
        if (email !== null) await requireFreeEmail(sql, workspaceId, email, id);
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
        const uses = await referencesTo(sql, workspaceId, id);
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

async function requireFreeEmail(sql: Sql, workspaceId: string, email: string, id: string) {
  const { rows } = await sql.query(
    'select from member where workspace_id = $1 and email = $2 and id <> $3',
    [workspaceId, email, id],
  );
  if (rows.length > 0) throw new InvalidInput(`Another member has the e-mail ${email}.`);
}

async function requireBelowMaximum(sql: Sql, workspaceId: string) {
  const { rows } = await sql.query<{ members: number }>(
    'select count(*)::int as members from member where workspace_id = $1',
    [workspaceId],
  );
  if ((rows[0]?.members ?? 0) < maxMembers) return;
  throw new InvalidInput(`A workspace has at most ${maxMembers} members.`);
}
