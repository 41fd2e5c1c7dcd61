import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { Child } from './child.ts';
import { DataFolderDamaged, EmbeddedPostgresUnavailable } from './errors.ts';
import { explainFailedStart } from './failed-start.ts';
import type { Place } from './place.ts';

const database = 'stageline';

export const urlOf = (port: number, secret: string, name = database) =>
  `postgresql://postgres:${secret}@127.0.0.1:${port}/${name}`;

/**
 * A port nobody listens on, beneath those the system gives to outgoing connections: one of them could
 * otherwise sit on our port when PostgreSQL comes back.
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

interface Awaited {
  port: number;
  secret: string;
  logFile: string;
  place: Place;
  signal?: AbortSignal;
}

/** Waits until the child answers, which after a crash means: has recovered. */
export async function untilReady(child: Child, awaited: Awaited) {
  const { port, secret, place, logFile, signal } = awaited;
  const deadline = Date.now() + 300_000;
  while (!(await isAnswering(urlOf(port, secret, 'postgres'), place.cluster))) {
    signal?.throwIfAborted();
    if (child.hasExited()) throw explainFailedStart(await child.readLog(), { place, logFile });
    if (Date.now() > deadline) {
      throw new EmbeddedPostgresUnavailable(`it does not answer (see ${logFile})`);
    }
    await wait(30);
  }
}

/** False while it starts. */
async function isAnswering(url: string, cluster: string): Promise<boolean> {
  try {
    await withClient(url, (client) => client.query('select 1'));
    return true;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || isPassing(error)) return false;
    throw refusedBy(cluster, error);
  }
}

// Starting up or recovering, shutting down, out of connections.
const isPassing = ({ code = '' }: pg.DatabaseError) => /^(57P0[123]|53...)$/.test(code);

function refusedBy(cluster: string, error: pg.DatabaseError) {
  if (error.code === '28P01') {
    const problem = 'does not open with the password in postgres-password';
    return new DataFolderDamaged(cluster, problem);
  }
  const told = [error.message, error.detail].filter(Boolean).join('; ');
  return new DataFolderDamaged(cluster, `cannot be opened by PostgreSQL (${told})`);
}

/** Connects to our database once: its files are separate from those of the others. @throws DataFolderDamaged */
export async function requireDatabase(url: string, cluster: string) {
  await withClient(url, (client) => client.query('select 1')).catch((error) => {
    throw error instanceof pg.DatabaseError ? refusedBy(cluster, error) : error;
  });
}

/** Our database inside the cluster; made here because initdb makes only `postgres`. */
export async function ensureDatabase(url: string) {
  await withClient(url, async (client) => {
    const found = await client.query('select from pg_database where datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`create database ${database}`);
  });
}

/** The folder a server keeps its data in; undefined if it does not answer, or not to us. */
export async function askDataFolder(url: string): Promise<string | undefined> {
  const question = "select current_setting('data_directory') as folder";
  return withClient(url, async (client) => (await client.query(question)).rows[0].folder).catch(
    () => undefined,
  );
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    ssl: false,
    connectionTimeoutMillis: 2_000,
  });
  // A server that dies meanwhile fails the query; without a listener it would also end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
