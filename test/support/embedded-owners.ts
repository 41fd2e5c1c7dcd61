import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

/** The report of a process that owns an embedded PostgreSQL: its URL, or why it did not start. */
export interface OwnerReport {
  url?: string;
  code?: string;
  message?: string;
  milliseconds: number;
}

export interface EmbeddedOwner extends OwnerReport {
  process: ChildProcess;
}

const script = join(import.meta.dirname, 'embedded-owner.ts');
const owners: ChildProcess[] = [];
const folders: string[] = [];

export async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stageline-embedded-'));
  // As in a usual checkout, PostgreSQL's user may enter the folder but not read it.
  await chmod(folder, 0o711);
  folders.push(folder);
  return folder;
}

export interface Options {
  script?: string;
  uid?: number;
}

/** Starts a process that will own the folder's PostgreSQL. */
export function spawnOwner(dataFolder: string, options: Options = {}) {
  const user = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid };
  const started = spawn(process.execPath, [options.script ?? script, dataFolder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...user,
  });
  owners.push(started);
  return started;
}

/** Starts an owner and waits until it is ready or has refused to start. */
export async function startOwner(
  dataFolder: string,
  options: Options = {},
): Promise<EmbeddedOwner> {
  const started = spawnOwner(dataFolder, options);
  const [line] = await once(createInterface(started.stdout), 'line');
  return { ...(JSON.parse(line) as OwnerReport), process: started };
}

export async function end(owner: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (owner.exitCode !== null || owner.signalCode !== null) return;
  const gone = once(owner, 'exit');
  owner.kill(signal);
  await gone;
}

/** Ends every owner and its processes, and removes the folders. */
export async function cleanUp(): Promise<void> {
  await Promise.all(owners.splice(0).map((owner) => end(owner, 'SIGTERM')));
  for (const folder of folders.splice(0)) {
    for (const data of [folder, join(folder, 'data')]) await removeData(data);
    await rm(folder, { recursive: true, force: true });
  }
}

async function removeData(dataFolder: string) {
  const cluster = await clusterOf(dataFolder);
  const pid = await postmasterOf(dataFolder).catch(() => undefined);
  if (pid && isProcessAlive(pid)) {
    process.kill(pid, 'SIGQUIT');
    await waitUntil(() => !isProcessAlive(pid));
  }
  await rm(cluster, { recursive: true, force: true });
}

export async function clusterOf(dataFolder: string): Promise<string> {
  const elsewhere = await readFile(join(dataFolder, 'postgres-location'), 'utf8').catch(() => '');
  return elsewhere.trim() || join(dataFolder, 'postgres');
}

export async function postmasterOf(dataFolder: string): Promise<number> {
  const lock = await readFile(join(await clusterOf(dataFolder), 'postmaster.pid'), 'utf8');
  return Number(lock.split('\n')[0]);
}

export async function query(url: string | undefined, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

export function isProcessAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Waits for a condition; a condition that throws is not met yet. */
export async function waitUntil(condition: () => unknown, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (
    !(await Promise.resolve()
      .then(condition)
      .catch(() => false))
  ) {
    if (Date.now() > deadline) throw new Error('The condition was not met in time');
    await pause(20);
  }
}
