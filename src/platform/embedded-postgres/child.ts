import { type ChildProcess, spawn } from 'node:child_process';
import { chown, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { endWithProcess } from '../end-with-process.ts';
import { type Binaries, childEnvironment } from './binaries.ts';
import type { ClusterLocation } from './cluster-location.ts';
import { isFileError } from './files.ts';
import { clusterName, identity, stopPostmaster } from './processes.ts';

/** What every restart of the same server reuses. */
export interface Launch {
  binaries: Binaries;
  location: ClusterLocation;
  port: number;
  logFile: string;
}

/** A PostgreSQL server that runs as a child process. */
export interface Child {
  pid: number | undefined;
  /** Reads what it has written to its log since it started. */
  readLog(): Promise<string>;
  hasExited(): boolean;
  /** Resolves when the process has ended. */
  exited: Promise<void>;
  stop(): Promise<void>;
}

/** Starts the process. Does not wait until it accepts connections. */
export async function launch({ binaries, location, port, logFile }: Launch): Promise<Child> {
  const log = await openLog(logFile, location);
  const { size: logStart } = await log.stat();
  try {
    const started = spawn(binaries.postgres, postgresArguments(location.cluster, port), {
      // Own process group: Ctrl-C in a terminal must not stop PostgreSQL before the server has drained.
      detached: true,
      windowsHide: true,
      // A file, not a pipe: PostgreSQL may outlive this process, and its last lines matter most.
      stdio: ['ignore', log.fd, log.fd],
      cwd: dirname(location.cluster),
      env: childEnvironment,
      ...location.user,
    });
    // Fast shutdown: PostgreSQL rolls back, flushes and exits.
    endWithProcess(started, 'SIGINT');
    return watch(started, { binaries, location, readLog: () => readFrom(logFile, logStart) });
  } finally {
    await log.close();
  }
}

interface Watched extends Pick<Launch, 'binaries' | 'location'>, Pick<Child, 'readLog'> {}

function watch(started: ChildProcess, { binaries, location, readLog }: Watched): Child {
  let hasExited = false;
  const exited = new Promise<void>((resolve) => {
    const end = () => {
      hasExited = true;
      resolve();
    };
    started.once('exit', end).once('error', end);
  });
  const { pid } = started;
  return {
    pid,
    readLog,
    hasExited: () => hasExited,
    exited,
    stop: async () => {
      if (hasExited || pid === undefined) return;
      await stopPostmaster(pid, { binaries, location, timeoutMs: 10_000 });
      await exited;
    },
  };
}

function postgresArguments(cluster: string, port: number): string[] {
  const settings = {
    cluster_name: clusterName(cluster),
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 60,
    max_wal_senders: 0,
    shared_buffers: '128MB',
    min_wal_size: '80MB',
    max_wal_size: '512MB',
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    // JIT compilation costs more than short queries gain.
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_destination: 'stderr',
    logging_collector: 'off',
    log_checkpoints: 'off',
    // No statements in the log: their texts and errors contain customer data.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_statement: 'none',
  };
  const [option, folder, flag] = identity(cluster);
  const pairs = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return [option, folder, ...pairs.flatMap((pair) => [flag, pair])];
}

const maxLogBytes = 1_000_000;

async function openLog(path: string, { user }: ClusterLocation) {
  const size = await stat(path).then((stats) => stats.size, ignoreMissing);
  if (size > maxLogBytes) await rename(path, `${path}.1`);
  const log = await open(path, 'a', 0o600);
  if (user) await chown(path, user.uid, user.gid);
  return log;
}

async function readFrom(path: string, start: number): Promise<string> {
  return (await readFile(path)).subarray(start).toString('utf8');
}

function ignoreMissing(error: unknown) {
  if (isFileError(error, 'ENOENT')) return 0;
  throw error;
}

export const logFileOf = (dataFolder: string) => join(dataFolder, 'postgres.log');
