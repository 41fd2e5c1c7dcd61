import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '../platform/database.ts';
import { InvalidInput, NotFound } from '../platform/errors.ts';
import { sql } from '../platform/sql.ts';
import { bumpRulesVersion, lockRulesExclusive } from '../platform/workspace-lock.ts';
import { parseEmail, parseName } from './parse-staff.ts';

export interface MemberRequest {
  name: string;
  email: string;
}

/** Maximum per workspace, because lists of members are not paginated. */
export const maxMembers = 500;

// Stage owners are cached with the rules, and an owner must not be deleted while it is being assigned: changes of
// members and teams hold the exclusive rules lock and bump the version of the rules.

/** Adds a member: a person who owns stages and accepts tasks. @throws InvalidInput */
export async function createMember(
  db: Transaction,
  request: MemberRequest,
  now: Date,
): Promise<{ id: string }> {
  const name = parseName('member', request.name);
  const email = parseEmail(request.email);
  const id = uuidv7();
  lockRulesExclusive(db);
  await requireFreeEmail(db, email, id);
  await requireBelowMaximum(db);
  await db.query(sql`
    insert into member (workspace_id, id, name, email, created_at)
    values (${db.workspaceId}, ${id}, ${name}, ${email}, ${now})`);
  bumpRulesVersion(db);
  return { id };
}

/** Leaves undefined fields unchanged. @throws NotFound, InvalidInput */
export async function updateMember(
  db: Transaction,
  { id, change }: { id: string; change: Partial<MemberRequest> },
): Promise<void> {
  const name = change.name === undefined ? null : parseName('member', change.name);
  const email = change.email === undefined ? null : parseEmail(change.email);
  lockRulesExclusive(db);
  if (email !== null) await requireFreeEmail(db, email, id);
  const { rowCount } = await db.query(sql`
    update member set name = coalesce(${name}, name), email = coalesce(${email}, email)
    where workspace_id = ${db.workspaceId} and id = ${id}`);
  if (rowCount === 0) throw new NotFound('member');
  bumpRulesVersion(db);
}

async function requireFreeEmail(db: Transaction, email: string, id: string) {
  const { rows } = await db.query(sql`
    select from member
    where workspace_id = ${db.workspaceId} and email = ${email} and id <> ${id}`);
  if (rows.length > 0) throw new InvalidInput(`Another member has the e-mail ${email}.`);
}

async function requireBelowMaximum(db: Transaction) {
  const { rows } = await db.query<{ members: number }>(
    sql`select count(*)::int as members from member where workspace_id = ${db.workspaceId}`,
  );
  if ((rows[0]?.members ?? 0) < maxMembers) return;
  throw new InvalidInput(`A workspace has at most ${maxMembers} members.`);
}
