import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

/** What the process that owns an embedded PostgreSQL said: where it answers, or why not. */
export interface Said {
  url?: string;
  code?: string;
  message?: string;
  milliseconds: number;
}

export interface EmbeddedOwner extends Said {
  process: ChildProcess;
}

const script = join(import.meta.dirname, 'embedded-owner.ts');
const owners: ChildProcess[] = [];
const folders: string[] = [];

export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stageline-embedded-'));
  // As for a checkout in its usual place: PostgreSQL's user may pass through, no more.
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

/** The same, and waits until it is ready or has refused. */
export async function startOwner(
  dataFolder: string,
  options: Options = {},
): Promise<EmbeddedOwner> {
  const started = spawnOwner(dataFolder, options);
  const [line] = await once(createInterface(started.stdout), 'line');
  return { ...(JSON.parse(line) as Said), process: started };
}

export async function end(owner: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (owner.exitCode !== null || owner.signalCode !== null) return;
  const gone = once(owner, 'exit');
  owner.kill(signal);
  await gone;
}

/** Ends every owner and what it may have left running, and removes the folders. */
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

/** Waits for a condition; a condition that throws is one that is not met yet. */
export async function waitUntil(condition: () => unknown, patience = 10_000): Promise<void> {
  const deadline = Date.now() + patience;
  while (
    !(await Promise.resolve()
      .then(condition)
      .catch(() => false))
  ) {
    if (Date.now() > deadline) throw new Error('The condition was not met in time');
    await pause(20);
  }
}
