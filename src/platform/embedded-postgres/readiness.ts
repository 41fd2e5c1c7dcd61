import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { Child } from './child.ts';
import type { ClusterLocation } from './cluster-location.ts';
import { DataFolderDamaged, EmbeddedPostgresUnavailable } from './errors.ts';
import { explainFailedStart } from './failed-start.ts';

const database = 'stageline';

export const urlOf = (port: number, secret: string, name = database) =>
  `postgresql://postgres:${secret}@127.0.0.1:${port}/${name}`;

/**
 * Finds a free port below the ephemeral range: an outgoing connection could otherwise take the port while PostgreSQL
 * restarts.
 */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

interface ReadinessOptions {
  port: number;
  secret: string;
  logFile: string;
  location: ClusterLocation;
  signal?: AbortSignal;
}

/** Waits until the child accepts connections; after a crash that includes recovery. */
export async function waitUntilReady(child: Child, options: ReadinessOptions) {
  const { port, secret, location, logFile, signal } = options;
  const deadline = Date.now() + 300_000;
  while (!(await isAnswering(urlOf(port, secret, 'postgres'), location.cluster))) {
    signal?.throwIfAborted();
    if (child.hasExited()) throw explainFailedStart(await child.readLog(), { location, logFile });
    if (Date.now() > deadline) {
      throw new EmbeddedPostgresUnavailable(`it does not answer (see ${logFile})`);
    }
    await wait(30);
  }
}

/** False while the server starts. */
async function isAnswering(url: string, cluster: string): Promise<boolean> {
  try {
    await withClient(url, (client) => client.query('select 1'));
    return true;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || isTransient(error)) return false;
    throw damagedBy(cluster, error);
  }
}

// Starting up or recovering, shutting down, out of connections.
const isTransient = ({ code = '' }: pg.DatabaseError) => /^(57P0[123]|53...)$/.test(code);

function damagedBy(cluster: string, error: pg.DatabaseError) {
  if (error.code === '28P01') {
    const problem = 'cannot be opened with the password in postgres-password';
    return new DataFolderDamaged(cluster, problem);
  }
  const reason = [error.message, error.detail].filter(Boolean).join('; ');
  return new DataFolderDamaged(cluster, `cannot be opened by PostgreSQL (${reason})`);
}

/** Connects to the database once, because its files may be damaged while other databases work. @throws DataFolderDamaged */
export async function requireDatabase(url: string, cluster: string) {
  await withClient(url, (client) => client.query('select 1')).catch((error) => {
    throw error instanceof pg.DatabaseError ? damagedBy(cluster, error) : error;
  });
}

/** Creates the database if it does not exist; initdb creates only `postgres`. */
export async function ensureDatabase(url: string) {
  await withClient(url, async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [
      database,
    ]);
    if (rowCount === 0) await client.query(`create database ${database}`);
  });
}

/** The data directory of a running server; undefined if it does not answer or refuses the login. */
export async function readDataFolder(url: string): Promise<string | undefined> {
  const query = "select current_setting('data_directory') as folder";
  return withClient(url, async (client) => (await client.query(query)).rows[0].folder).catch(
    () => undefined,
  );
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    ssl: false,
    connectionTimeoutMillis: 2_000,
  });
  // If the server dies, the query fails; without a listener the error event would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
