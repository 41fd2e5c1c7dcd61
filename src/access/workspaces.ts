import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Transaction } from '../platform/database.ts';
import { InvalidInput, NotFound } from '../platform/errors.ts';
import { sql } from '../platform/sql.ts';
import { isTakenName, parseWorkspaceName, WorkspaceNameTaken } from './workspace-name.ts';

/** The time zone and currency of a workspace. */
export interface WorkspaceSettings {
  timeZone: string;
  currency: string;
}

export interface Workspace extends WorkspaceSettings {
  id: string;
  name: string;
  purpose: 'main' | 'demo';
}

export async function loadWorkspaceSettings(db: Transaction): Promise<WorkspaceSettings> {
  const { rows } = await db.query<WorkspaceSettings>(sql`
    select time_zone as "timeZone", currency from workspace where id = ${db.workspaceId}`);
  const [settings] = rows;
  if (!settings) throw new Error('The workspace does not exist');
  return settings;
}

/** Creates a workspace with its change log; `seed` adds its initial definitions in the same transaction. */
export async function createWorkspace(
  database: Database,
  request: Omit<Workspace, 'id'>,
  seed: (db: Transaction) => Promise<unknown>,
): Promise<Workspace> {
  checkSettings(request);
  const id = uuidv7();
  const { timeZone, currency, purpose } = request;
  const name = parseWorkspaceName(request.name);
  const create = async (db: Transaction) => {
    await db.query(sql`
      insert into workspace (id, name, time_zone, currency)
        values (${id}, ${name}, ${timeZone}, ${currency})`);
    await db.query(sql`insert into workspace_directory (id, purpose) values (${id}, ${purpose})`);
    await db.query(sql`
      insert into change_counter (workspace_id, epoch) values (${id}, ${randomBytes(5).toString('hex')})`);
    await seed(db);
  };
  await database.inWorkspace(id, create).catch(rethrowTaken(name));
  return { id, ...request, name };
}

/** @throws InvalidInput, NotFound, WorkspaceNameTaken */
export async function renameWorkspace(database: Database, id: string, text: string) {
  const name = parseWorkspaceName(text);
  const rename = (db: Transaction) =>
    db.query(sql`update workspace set name = ${name} where id = ${id}`);
  const { rowCount } = await database.inWorkspace(id, rename).catch(rethrowTaken(name));
  if (rowCount === 0) throw new NotFound('workspace');
  return name;
}

const rethrowTaken =
  (name: string) =>
  (error: unknown): never => {
    throw isTakenName(error) ? new WorkspaceNameTaken(name) : error;
  };

function checkSettings({ timeZone, currency }: Pick<Workspace, 'timeZone' | 'currency'>) {
  if (!/^[A-Z]{3}$/.test(currency)) {
    throw new InvalidInput(
      `"${currency}" is not a currency code. Use three capital letters (ISO 4217), such as EUR.`,
    );
  }
  if (!isTimeZone(timeZone)) {
    throw new InvalidInput(`"${timeZone}" is not a time zone. Use a name such as Europe/Berlin.`);
  }
}

/** Accepts zone names, but no offsets: PostgreSQL reads "+01:00" as west of Greenwich, JavaScript as east. */
function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
}

/** Lists all workspaces, oldest first: ids from the directory, then each in its own transaction for row-level security. */
export async function listWorkspaces(database: Database): Promise<Workspace[]> {
  const { rows } = await database.withoutWorkspace(undefined, (db) =>
    db.query<Pick<Workspace, 'id' | 'purpose'>>(sql`
      select id, purpose from workspace_directory order by ordinal`),
  );
  const workspaces: Workspace[] = [];
  for (const entry of rows) {
    const named = await database.inWorkspace(entry.id, (db) =>
      db.query<Omit<Workspace, 'id' | 'purpose'>>(sql`
        select name, time_zone as "timeZone", currency from workspace where id = ${entry.id}`),
    );
    workspaces.push(...named.rows.map((row) => ({ ...row, ...entry })));
  }
  return workspaces;
}
