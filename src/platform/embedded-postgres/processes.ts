import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Binaries, childEnvironment } from './binaries.ts';
import type { ClusterLocation } from './cluster-location.ts';
import { isFileError, readIfPresent } from './files.ts';

const run = promisify(execFile);

/** The name that PostgreSQL includes in the titles of its processes; it identifies the cluster. */
export const clusterName = (cluster: string) =>
  `stageline-${createHash('sha256').update(cluster).digest('hex').slice(0, 12)}`;

/** The first arguments of every server started here; they identify it in the list of processes. */
export const identity = (cluster: string) => ['-D', cluster, '-c'] as const;

const recordedPid = async (cluster: string) =>
  Number((await readIfPresent(join(cluster, 'postmaster.pid')))?.split('\n')[0] ?? 0);

/** Finds the server that runs on this cluster by PostgreSQL's own lock file, even if another process started it. */
export async function findPostmaster(cluster: string): Promise<number | undefined> {
  const pid = await recordedPid(cluster);
  return pid > 0 && (await isPostmaster(pid, cluster)) ? pid : undefined;
}

/**
 * Waits while the last server is a zombie: PostgreSQL considers a zombie alive, and the init process of some
 * containers takes seconds to reap an orphan.
 */
export async function waitUntilReaped(cluster: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const pid = await recordedPid(cluster);
  for (let attempt = 0; pid > 0 && attempt < 500; attempt += 1) {
    const status = await readIfPresent(`/proc/${pid}/stat`).catch(() => undefined);
    if (!status?.includes(') Z ')) return;
    await wait(20);
  }
}

/** Checks the title too, because the system may have reused the process id. */
async function isPostmaster(pid: number, cluster: string) {
  if (process.platform === 'win32') return isAlive(pid);
  return (await titleOf(pid)).includes(` ${identity(cluster).join(' ')} `);
}

async function titleOf(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    // Some systems hide the processes of other users; those are not ours.
    const title = await readIfPresent(`/proc/${pid}/cmdline`).catch(() => '');
    return (title ?? '').replaceAll('\0', ' ');
  }
  const listed = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => undefined);
  return listed?.stdout ?? '';
}

/** Whether a process with this id exists, of any user. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return isFileError(error, 'EPERM');
  }
}

/**
 * Stops a server with a fast shutdown. After `timeoutMs` requests an immediate shutdown, after which the next start
 * recovers from the write-ahead log. Resolves when the process has ended.
 */
export async function stopPostmaster(
  pid: number,
  { timeoutMs, ...request }: Omit<ShutdownRequest, 'mode'> & { timeoutMs: number },
): Promise<void> {
  for (const mode of ['fast', 'immediate'] as const) {
    await signalPostmaster(pid, { mode, ...request });
    const deadline = Date.now() + timeoutMs;
    while (Date.now() < deadline) {
      if (!(await isPostmaster(pid, request.location.cluster))) return;
      await wait(20);
    }
  }
  throw new Error(`PostgreSQL (process ${pid}) did not stop`);
}

interface ShutdownRequest {
  mode: 'fast' | 'immediate';
  binaries: Binaries;
  location: ClusterLocation;
}

async function signalPostmaster(pid: number, { mode, binaries, location }: ShutdownRequest) {
  if (process.platform !== 'win32') return kill(pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
  // Windows has no signals; pg_ctl sends the request over a pipe.
  const options = { env: childEnvironment, cwd: dirname(location.cluster) };
  const command = ['stop', '-D', location.cluster, '-m', mode, '-W'];
  await run(binaries.pgCtl, command, options).catch(() => undefined);
}

function kill(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isFileError(error, 'ESRCH', 'EPERM')) throw error;
  }
}

/**
 * Ends the backends of a postmaster that was killed. They still use its shared memory, and PostgreSQL does not start
 * while they do. Call it only when no postmaster runs.
 */
export async function endOrphanedBackends(cluster: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const backends = await findOrphanedBackends(cluster);
    if (backends.length === 0) return;
    for (const pid of backends) kill(pid, 'SIGQUIT');
    await wait(20);
  }
}

async function findOrphanedBackends(cluster: string): Promise<number[]> {
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
