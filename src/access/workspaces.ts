import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Sql } from '../platform/database.ts';
import { InvalidInput, NotFound } from '../platform/errors.ts';
import { isTakenName, parseWorkspaceName, WorkspaceNameTaken } from './workspace-name.ts';

/** What a workspace's calendar and money are reckoned in. */
export interface WorkspaceSettings {
  timeZone: string;
  currency: string;
}

export interface Workspace extends WorkspaceSettings {
  id: string;
  name: string;
  purpose: 'main' | 'demo';
}

export async function loadSettings(sql: Sql, workspaceId: string): Promise<WorkspaceSettings> {
  const { rows } = await sql.query<WorkspaceSettings>(
    'select time_zone as "timeZone", currency from workspace where id = $1',
    [workspaceId],
  );
  const [settings] = rows;
  if (!settings) throw new Error('The workspace does not exist');
  return settings;
}

/** Creates a workspace with its log; `furnish` adds what it starts with, in the same transaction. */
export async function createWorkspace(
  database: Database,
  request: Omit<Workspace, 'id'>,
  furnish: (sql: Sql, workspaceId: string) => Promise<unknown>,
): Promise<Workspace> {
  checkSettings(request);
  const id = uuidv7();
  const { timeZone, currency, purpose } = request;
  const name = parseWorkspaceName(request.name);
  const create = async (sql: Sql) => {
    await sql.query(
      'insert into workspace (id, name, time_zone, currency) values ($1, $2, $3, $4)',
      [id, name, timeZone, currency],
    );
    await sql.query('insert into workspace_directory (id, purpose) values ($1, $2)', [id, purpose]);
    await sql.query('insert into change_counter (workspace_id, epoch) values ($1, $2)', [
      id,
      randomBytes(5).toString('hex'),
    ]);
    await furnish(sql, id);
  };
  await database.inWorkspace(id, create).catch(rethrowTaken(name));
  return { id, ...request, name };
}

/** @throws InvalidInput, NotFound, WorkspaceNameTaken */
export async function renameWorkspace(database: Database, id: string, text: string) {
  const name = parseWorkspaceName(text);
  const rename = (sql: Sql) =>
    sql.query('update workspace set name = $2 where id = $1', [id, name]);
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
      `"${currency}" is not a currency code of three capital letters (ISO 4217).`,
    );
  }
  if (!isTimeZone(timeZone)) {
    throw new InvalidInput(`"${timeZone}" is not a time zone's name such as Europe/Berlin.`);
  }
}

/** A zone's name. Not a bare offset: PostgreSQL reads "+01:00" as west of Greenwich, others as east. */
function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
}

/** Every workspace, oldest first: the directory tells the ids, each is then read behind its own wall. */
export async function listWorkspaces(database: Database): Promise<Workspace[]> {
  const { rows } = await database.outside(undefined, (sql) =>
    sql.query<Pick<Workspace, 'id' | 'purpose'>>(
      'select id, purpose from workspace_directory order by ordinal',
    ),
  );
  const workspaces: Workspace[] = [];
  for (const entry of rows) {
    const named = await database.inWorkspace(entry.id, (sql) =>
      sql.query<Omit<Workspace, 'id' | 'purpose'>>(
        'select name, time_zone as "timeZone", currency from workspace where id = $1',
        [entry.id],
      ),
    );
    workspaces.push(...named.rows.map((row) => ({ ...row, ...entry })));
  }
  return workspaces;
}
