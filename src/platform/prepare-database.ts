import { createHmac } from 'node:crypto';
import pg from 'pg';
import { migrate } from './migrate.ts';
import { asStorageError } from './storage-errors.ts';
import { threadSlots } from './worker-threads.ts';

/** The configured database cannot be used. The message says what to change. */
export class UnusableDatabase extends Error {
  readonly code = 'UNUSABLE_DATABASE';
}

interface Login {
  name: string;
  database: string;
  superuser: boolean;
  bypassesPolicies: boolean;
  version: number;
  versionName: string;
}

/**
 * Migrates the database and returns the URL to serve with: the given one for an ordinary role; for a superuser,
 * which row-level security does not restrict, the URL of a login created here.
 *
 * @throws UnusableDatabase
 */
export async function prepareDatabase(url: string): Promise<string> {
  const client = await connect(url);
  try {
    const login = await readLogin(client);
    checkVersion(login);
    if (!login.superuser && login.bypassesPolicies) throw bypasses(login.name);
    await migrate(client);
    if (!login.superuser) return url;
    return await createServingLogin(client, url, login);
  } finally {
    await client.end();
  }
}

/** Refuses a role that bypasses row-level security. @throws UnusableDatabase */
export async function assertOrdinaryLogin(url: string): Promise<void> {
  const client = await connect(url);
  try {
    const login = await readLogin(client);
    if (login.superuser || login.bypassesPolicies) throw bypasses(login.name);
  } finally {
    await client.end();
  }
}

const threads = threadSlots();
/** Connections outside the pools: notifications, planner statistics, and one for each worker thread. */
const connectionsBesidePools = 2 + threads.foreground + threads.background;

/**
 * Refuses pools larger than the database allows, because requests would then fail at random.
 *
 * @throws UnusableDatabase
 */
export async function requireConnections(url: string, poolSize: number): Promise<void> {
  const client = await connect(url);
  try {
    const { rows } = await client.query<{ free: number; role: number }>(
      `select current_setting('max_connections')::int
           - current_setting('superuser_reserved_connections')::int
           - coalesce(current_setting('reserved_connections', true)::int, 0) as free,
         (select rolconnlimit from pg_roles where rolname = session_user) as role`,
    );
    const [{ free, role } = { free: 0, role: -1 }] = rows;
    const allowed = role < 0 ? free : Math.min(free, role);
    if (poolSize + connectionsBesidePools > allowed) throw tooFewConnections(allowed, poolSize);
  } finally {
    await client.end();
  }
}

const tooFewConnections = (allowed: number, poolSize: number) =>
  new UnusableDatabase(
    `STAGELINE_POOL is ${poolSize}, and the server needs ${connectionsBesidePools} more connections, but the database allows ` +
      `this login only ${allowed}. Lower STAGELINE_POOL, or raise max_connections (or the role's connection limit).`,
  );

/** @throws StorageUnavailable */
export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // If the connection is lost, the query fails; without a listener the error event would end the process.
  client.on('error', () => undefined);
  await client.connect().catch(asStorageError);
  return client;
}

const bypasses = (name: string) =>
  new UnusableDatabase(
    `The role "${name}" bypasses row-level security, which isolates workspaces. ` +
      `Run: alter role "${name}" nosuperuser nobypassrls`,
  );

async function readLogin(client: pg.Client): Promise<Login> {
  const { rows } = await client.query<Login>(
    `select session_user as name, current_database() as database,
       bool_or(rolsuper) as superuser, bool_or(rolbypassrls) as "bypassesPolicies",
       current_setting('server_version_num')::int as version,
       current_setting('server_version') as "versionName"
     from pg_roles where rolname in (session_user, current_user)`,
  );
  const [login] = rows;
  if (!login) throw new Error('pg_roles has no row for the connected role');
  return login;
}

/** @throws UnusableDatabase for a version before 15 */
export function checkVersion({ version, versionName }: Pick<Login, 'version' | 'versionName'>) {
  if (version >= 150_000) return;
  throw new UnusableDatabase(
    `DATABASE_URL points to PostgreSQL ${versionName}; Stageline needs PostgreSQL 15 or newer.`,
  );
}

/**
 * Creates the login to serve with. Its password is derived from that of the URL, so that every server with this URL
 * uses the same login and nothing is stored. Without a password in the URL the login has none: a password derived from
 * nothing could be guessed.
 */
async function createServingLogin(client: pg.Client, url: string, { database }: Login) {
  const name = `stageline_${database}`.slice(0, 63);
  const secret = new URL(url).password;
  const password = secret && createHmac('sha256', secret).update(name).digest('base64url');
  const role = client.escapeIdentifier(name);
  await client.query('begin');
  await client.query("select pg_advisory_xact_lock(hashtextextended('stageline.login', 0))");
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [name]);
  if (rowCount === 0) await client.query(`create role ${role} login`);
  await client.query(
    `alter role ${role} login nosuperuser nobypassrls nocreatedb nocreaterole noreplication
     password ${password ? client.escapeLiteral(password) : 'null'}`,
  );
  await client.query(`grant connect on database ${client.escapeIdentifier(database)} to ${role}`);
  await client.query(`grant usage on schema public to ${role}`);
  await client.query(
    `grant select, insert, update, delete on all tables in schema public to ${role}`,
  );
  await client.query(`revoke all on _prisma_migrations from ${role}`);
  await client.query(`grant select on _prisma_migrations to ${role}`);
  await client.query('commit');
  const serving = new URL(url);
  serving.username = name;
  serving.password = password;
  return serving.href;
}
