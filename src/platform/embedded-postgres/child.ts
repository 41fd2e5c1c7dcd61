import { type ChildProcess, spawn } from 'node:child_process';
import { chown, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { endWithProcess } from '../end-with-process.ts';
import { type Binaries, childEnvironment } from './binaries.ts';
import { isFileError } from './files.ts';
import type { Place } from './place.ts';
import { clusterName, identity, stopPostmaster } from './processes.ts';

/** What every start of the same server has in common. */
export interface Launch {
  binaries: Binaries;
  place: Place;
  port: number;
  logFile: string;
}

/** A PostgreSQL that is our child. */
export interface Child {
  pid: number | undefined;
  /** What it has written into its log so far. */
  readLog(): Promise<string>;
  hasExited(): boolean;
  /** Resolves when the process is gone, for whatever reason. */
  exited: Promise<void>;
  stop(): Promise<void>;
}

/** Starts the process; it is not ready yet. */
export async function launch({ binaries, place, port, logFile }: Launch): Promise<Child> {
  const log = await openLog(logFile, place);
  const { size: logStart } = await log.stat();
  try {
    const started = spawn(binaries.postgres, postgresArguments(place.cluster, port), {
      // Ctrl-C in a terminal reaches the whole process group: PostgreSQL must outlive our drain.
      detached: true,
      windowsHide: true,
      // A file, not a pipe to us: PostgreSQL may outlive us, and the last words matter most.
      stdio: ['ignore', log.fd, log.fd],
      cwd: dirname(place.cluster),
      env: childEnvironment,
      ...place.user,
    });
    // A fast shutdown: it rolls back, writes everything out and ends.
    endWithProcess(started, 'SIGINT');
    return watch(started, { binaries, place, readLog: () => readFrom(logFile, logStart) });
  } finally {
    await log.close();
  }
}

interface Watched extends Pick<Launch, 'binaries' | 'place'>, Pick<Child, 'readLog'> {}

function watch(started: ChildProcess, { binaries, place, readLog }: Watched): Child {
  let gone = false;
  const exited = new Promise<void>((resolve) => {
    const end = () => {
      gone = true;
      resolve();
    };
    started.once('exit', end).once('error', end);
  });
  const { pid } = started;
  return {
    pid,
    readLog,
    hasExited: () => gone,
    exited,
    stop: async () => {
      if (gone || pid === undefined) return;
      await stopPostmaster(pid, { binaries, place, patience: 10_000 });
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
    // Compiling costs more than our short queries gain.
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_destination: 'stderr',
    logging_collector: 'off',
    log_checkpoints: 'off',
    // Nothing of single statements: their texts and errors quote the data of customers.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_statement: 'none',
  };
  const [option, folder, flag] = identity(cluster);
  const pairs = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return [option, folder, ...pairs.flatMap((pair) => [flag, pair])];
}

const maxLogBytes = 1_000_000;

async function openLog(path: string, { user }: Place) {
  const size = await stat(path).then((found) => found.size, ignoreMissing);
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
