import { createHmac } from 'node:crypto';
import pg from 'pg';
import { migrate } from './migrate.ts';
import { asStorageError } from './storage-errors.ts';
import { threadSlots } from './worker-threads.ts';

/** The database given cannot be used, and the sentence says what to change. */
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
 * Brings a database up to date and answers the URL to serve with: the one given if its role is an
 * ordinary one, else that of a login of our own, since policies do not bind a superuser.
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

/** Refuses to serve as a role that row-level security does not bind. @throws UnusableDatabase */
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
/** Connections besides the pools: notifications, statistics now and then, and one for each thread that computes. */
const connectionsBesidePools = 2 + threads.foreground + threads.background;

/**
 * Refuses to start with pools that the database could never fill: some requests would then fail at random.
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
    `STAGELINE_POOL is ${poolSize}, and ${connectionsBesidePools} connections come on top, but the database allows ` +
      `this login ${allowed} in all. Lower STAGELINE_POOL, or raise max_connections (or the role's connection limit).`,
  );

/** @throws StorageUnavailable */
export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // A connection that dies fails its query; without a listener it would end the process besides.
  client.on('error', () => undefined);
  await client.connect().catch(asStorageError);
  return client;
}

const bypasses = (name: string) =>
  new UnusableDatabase(
    `The role "${name}" bypasses row-level security, which keeps workspaces apart. ` +
      `Take it away with: alter role "${name}" nosuperuser nobypassrls`,
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
  if (!login) throw new Error('The database does not know who is connected');
  return login;
}

/** @throws UnusableDatabase for what is too old, naming it */
export function checkVersion({ version, versionName }: Pick<Login, 'version' | 'versionName'>) {
  if (version >= 150_000) return;
  throw new UnusableDatabase(
    `DATABASE_URL leads to PostgreSQL ${versionName}; Stageline needs PostgreSQL 15 or newer.`,
  );
}

/**
 * Every server with the same URL arrives at the same login, without a place to keep its password. Where
 * the URL needs none, neither does the login: one made of nothing could be guessed.
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
