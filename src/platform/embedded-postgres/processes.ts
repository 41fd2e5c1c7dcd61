import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Binaries, childEnvironment } from './binaries.ts';
import { isFileError, readIfPresent } from './files.ts';
import type { Place } from './place.ts';

const run = promisify(execFile);

/** The name PostgreSQL puts into the titles of its processes, so that they can be told apart. */
export const clusterName = (cluster: string) =>
  `stageline-${createHash('sha256').update(cluster).digest('hex').slice(0, 12)}`;

/** The first arguments of every server we start; they identify it in the list of processes. */
export const identity = (cluster: string) => ['-D', cluster, '-c'] as const;

const recordedPid = async (cluster: string) =>
  Number((await readIfPresent(join(cluster, 'postmaster.pid')))?.split('\n')[0] ?? 0);

/** The server that runs on this cluster, whoever started it, by its own lock file. */
export async function findPostmaster(cluster: string): Promise<number | undefined> {
  const pid = await recordedPid(cluster);
  return pid > 0 && (await isPostmaster(pid, cluster)) ? pid : undefined;
}

/**
 * Waits while the server that died last is a zombie: PostgreSQL takes it for a living one, and some
 * containers' init takes seconds to collect an orphan.
 */
export async function untilBuried(cluster: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const pid = await recordedPid(cluster);
  for (let attempt = 0; pid > 0 && attempt < 500; attempt += 1) {
    const status = await readIfPresent(`/proc/${pid}/stat`).catch(() => undefined);
    if (!status?.includes(') Z ')) return;
    await wait(20);
  }
}

/** The process id alone proves nothing: it may have been given to another process since. */
async function isPostmaster(pid: number, cluster: string) {
  if (process.platform === 'win32') return isAlive(pid);
  return (await titleOf(pid)).includes(` ${identity(cluster).join(' ')} `);
}

async function titleOf(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    // Some systems hide the processes of others; those are not ours.
    const title = await readIfPresent(`/proc/${pid}/cmdline`).catch(() => '');
    return (title ?? '').replaceAll('\0', ' ');
  }
  const listed = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => undefined);
  return listed?.stdout ?? '';
}

/** Whether there is a process with this id, anybody's. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return isFileError(error, 'EPERM');
  }
}

/**
 * Stops a server: rolls back and writes everything out; if that takes too long, at once, and the
 * next start recovers from the log. Resolves when the process is gone.
 */
export async function stopPostmaster(
  pid: number,
  { binaries, place, patience }: { binaries: Binaries; place: Place; patience: number },
): Promise<void> {
  for (const mode of ['fast', 'immediate'] as const) {
    await tell(pid, { mode, binaries, place });
    const deadline = Date.now() + patience;
    while (Date.now() < deadline) {
      if (!(await isPostmaster(pid, place.cluster))) return;
      await wait(20);
    }
  }
  throw new Error(`PostgreSQL (process ${pid}) does not stop`);
}

interface Order {
  mode: 'fast' | 'immediate';
  binaries: Binaries;
  place: Place;
}

async function tell(pid: number, { mode, binaries, place }: Order) {
  if (process.platform !== 'win32') return kill(pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
  // Windows has no signals; PostgreSQL listens to its own tool on a pipe.
  const options = { env: childEnvironment, cwd: dirname(place.cluster) };
  const order = ['stop', '-D', place.cluster, '-m', mode, '-W'];
  await run(binaries.pgCtl, order, options).catch(() => undefined);
}

function kill(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isFileError(error, 'ESRCH', 'EPERM')) throw error;
  }
}

/**
 * Ends the connections that outlive a postmaster that was killed. They keep its shared memory, and
 * PostgreSQL does not start beside them. Call it only when no postmaster is left.
 */
export async function endLingering(cluster: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const lingering = await findLingering(cluster);
    if (lingering.length === 0) return;
    for (const pid of lingering) kill(pid, 'SIGQUIT');
    await wait(20);
  }
}

async function findLingering(cluster: string): Promise<number[]> {
  if (process.platform === 'win32') return [];
  const title = `postgres: ${clusterName(cluster)}: `;
  return (await listProcesses())
    .filter((entry) => entry.title.startsWith(title))
    .map(({ pid }) => pid);
}

async function listProcesses(): Promise<Array<{ pid: number; title: string }>> {
  if (process.platform === 'linux') {
    const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
    return Promise.all(pids.map(async (pid) => ({ pid, title: await titleOf(pid) })));
  }
  const { stdout } = await run('ps', ['-axo', 'pid=,command=']);
  return stdout.split('\n').map((line) => {
    const [, pid = '0', title = ''] = /^\s*(\d+) (.*)$/.exec(line) ?? [];
    return { pid: Number(pid), title };
  });
}
