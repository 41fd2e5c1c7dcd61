import type { Log } from '../log.ts';
import { findBinaries } from './binaries.ts';
import { type Child, type Launch, launch, logFileOf } from './child.ts';
import { createCluster, hasCluster } from './cluster.ts';
import { chooseLocation, makeDataFolder, recordCluster } from './cluster-location.ts';
import { asDataFolderError, assertUsable } from './data-folder-check.ts';
import { lockDataFolder } from './data-folder-lock.ts';
import { PortTaken } from './errors.ts';
import { readNote, removeNote, writeNote } from './note.ts';
import { confirmPassword, ensurePassword } from './password.ts';
import {
  endOrphanedBackends,
  findPostmaster,
  stopPostmaster,
  waitUntilReaped,
} from './processes.ts';
import {
  ensureDatabase,
  findFreePort,
  readDataFolder,
  requireDatabase,
  urlOf,
  waitUntilReady,
} from './readiness.ts';
import { keepRunning } from './supervision.ts';

/** A PostgreSQL server that is restarted when it dies, until it is stopped. */
export interface EmbeddedPostgres {
  /** For the superuser `postgres` and the database `stageline`. It never changes. */
  url: string;
  /** Stops PostgreSQL, waits until it has ended and releases the data folder. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL on a data folder and waits until it accepts connections. Creates the folder on the first start.
 * @throws DataFolderLocked, DataFolderForeign, DataFolderOtherVersion, DataFolderIncomplete, DataFolderDamaged,
 * DataFolderFull, EmbeddedPostgresUnavailable
 */
export async function startEmbeddedPostgres(options: {
  dataFolder: string;
  log: Log;
}): Promise<EmbeddedPostgres> {
  const dataFolder = await makeDataFolder(options.dataFolder);
  return startOn(dataFolder, options.log).catch((error) => asDataFolderError(error, dataFolder));
}

async function startOn(dataFolder: string, log: Log): Promise<EmbeddedPostgres> {
  // Before the first change: a refused folder must stay unchanged.
  await assertUsable(dataFolder);
  const release = await lockDataFolder(dataFolder);
  try {
    return await startLocked({ dataFolder, log, release });
  } catch (error) {
    release();
    throw error;
  }
}

interface StartOptions {
  dataFolder: string;
  log: Log;
  release: () => void;
}

async function startLocked({ dataFolder, log, release }: StartOptions): Promise<EmbeddedPostgres> {
  const secret = await ensurePassword(dataFolder);
  const server = await prepare(dataFolder, secret);
  const { child, port } = await startFirst(server, secret);
  const url = urlOf(port, secret);
  try {
    await ensureDatabase(urlOf(port, secret, 'postgres'));
    await requireDatabase(url, server.location.cluster);
    await writeNote(dataFolder, { url, cluster: server.location.cluster });
  } catch (error) {
    await child.stop();
    throw error;
  }
  const stop = keepRunning(child, {
    log,
    start: (signal) => start({ ...server, port }, { secret, signal }),
  });
  return {
    url,
    stop: async () => {
      await stop();
      await removeNote(dataFolder);
      release();
    },
  };
}

type Server = Omit<Launch, 'port'>;

/** Ensures a cluster on which no PostgreSQL runs. */
async function prepare(dataFolder: string, secret: string): Promise<Server> {
  const location = await chooseLocation(dataFolder, secret);
  const binaries = await findBinaries(location.user);
  const { cluster } = location;
  if (!(await hasCluster(cluster))) await createCluster(binaries, location, secret);
  await recordCluster(dataFolder, cluster);
  await confirmPassword(dataFolder);
  // When a server is killed, its PostgreSQL keeps running and uses the cluster.
  const orphan = await findPostmaster(cluster);
  if (orphan) await stopPostmaster(orphan, { binaries, location, timeoutMs: 4_000 });
  await waitUntilReaped(cluster);
  return { binaries, location, logFile: logFileOf(dataFolder) };
}

/** Retries, because another program may take the port between the search and its use. */
async function startFirst(server: Server, secret: string) {
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort();
    try {
      return { port, child: await start({ ...server, port }, { secret }) };
    } catch (error) {
      if (attempt === 3 || !(error instanceof PortTaken)) throw error;
    }
  }
}

async function start(
  server: Launch,
  { secret, signal }: { secret: string; signal?: AbortSignal },
): Promise<Child> {
  await endOrphanedBackends(server.location.cluster);
  const child = await launch(server);
  try {
    await waitUntilReady(child, { ...server, secret, ...(signal && { signal }) });
    return child;
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/** The URL of the PostgreSQL that a running server uses on this folder, for the command line. */
export async function findRunningEmbeddedPostgres(dataFolder: string): Promise<string | undefined> {
  const note = await readNote(dataFolder);
  // The process first: another program may have the port by now.
  if (!note || !(await findPostmaster(note.cluster))) return undefined;
  return (await readDataFolder(note.url)) === note.cluster ? note.url : undefined;
}
