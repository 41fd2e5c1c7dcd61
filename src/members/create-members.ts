import { v7 as uuidv7 } from 'uuid';
import type { Database, Transaction } from '../platform/database.ts';
import { InUse, InvalidInput, NotFound } from '../platform/errors.ts';
import { sql } from '../platform/sql.ts';
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
      return changeStaff(database, workspaceId, async (db) => {
        const id = uuidv7();
        await requireFreeEmail(db, email, id);
        await requireBelowMaximum(db);
        await db.query(sql`
          insert into member (workspace_id, id, name, email, created_at)
            values (${workspaceId}, ${id}, ${name}, ${email}, ${now})`);
        return { id };
      });
    },

    /** Leaves undefined fields unchanged. @throws NotFound, InvalidInput */
    update(workspaceId: string, id: string, change: Partial<MemberRequest>): Promise<void> {
      const name = change.name === undefined ? null : parseName('member', change.name);
      const email = change.email === undefined ? null : parseEmail(change.email);
      return changeStaff(database, workspaceId, async (db) => {
        if (email !== null) await requireFreeEmail(db, email, id);
        const { rowCount } = await db.query(sql`
          update member set name = coalesce(${name}, name), email = coalesce(${email}, email)
          where workspace_id = ${workspaceId} and id = ${id}`);
        if (rowCount === 0) throw new NotFound('member');
      });
    },

    /** @throws NotFound; InUse while the member owns something or has open tasks */
    delete(workspaceId: string, id: string): Promise<void> {
      return changeStaff(database, workspaceId, async (db) => {
        const { rowCount } = await db.query(sql`
          select from member where workspace_id = ${workspaceId} and id = ${id} for update`);
        if (rowCount === 0) throw new NotFound('member');
        const uses = await referencesTo(db, id);
        if (uses.length > 0) throw new InUse('The member', uses);
        await db.query(sql`delete from member where workspace_id = ${workspaceId} and id = ${id}`);
      });
    },
  };
}

export type Members = ReturnType<typeof createMembers>;

async function requireFreeEmail(db: Transaction, email: string, id: string) {
  const { rows } = await db.query(sql`
    select from member where workspace_id = ${db.workspaceId} and email = ${email} and id <> ${id}`);
  if (rows.length > 0) throw new InvalidInput(`Another member has the e-mail ${email}.`);
}

async function requireBelowMaximum(db: Transaction) {
  const { rows } = await db.query<{ members: number }>(sql`
    select count(*)::int as members from member where workspace_id = ${db.workspaceId}`);
  if ((rows[0]?.members ?? 0) < maxMembers) return;
  throw new InvalidInput(`A workspace has at most ${maxMembers} members.`);
}
