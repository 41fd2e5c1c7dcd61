import { randomInt } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { Child } from './embedded-child.ts';
import { DataFolderForeign, EmbeddedPostgresUnavailable } from './embedded-errors.ts';

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
  signal?: AbortSignal;
}

/** Waits until the child answers, which after a crash means: has recovered. */
export async function untilReady(child: Child, { port, secret, logFile, signal }: Awaited) {
  const deadline = Date.now() + 300_000;
  while (!(await isAnswering(urlOf(port, secret, 'postgres')))) {
    signal?.throwIfAborted();
    if (child.hasExited() || Date.now() > deadline) {
      const said = (await lastLine(logFile)) ?? 'it said nothing';
      throw new EmbeddedPostgresUnavailable(`it ended while starting (${said}; see ${logFile})`);
    }
    await wait(30);
  }
}

async function isAnswering(url: string): Promise<boolean> {
  try {
    await withClient(url, (client) => client.query('select 1'));
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code !== '28P01') return false;
    throw new DataFolderForeign(
      new URL(url).host,
      'its password is not the one in postgres-password',
    );
  }
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

async function lastLine(path: string): Promise<string | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(2_000),
      position: Math.max(0, size - 2_000),
    });
    const lines = buffer.toString('utf8', 0, bytesRead).trim().split('\n');
    return lines.findLast((line) => line.includes('FATAL')) ?? lines.at(-1);
  } finally {
    await file.close();
  }
}
