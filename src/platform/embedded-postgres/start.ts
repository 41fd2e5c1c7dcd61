import type { Log } from '../log.ts';
import { findBinaries } from './binaries.ts';
import { type Child, type Launch, launch, logFileOf } from './child.ts';
import { createCluster, hasCluster } from './cluster.ts';
import { asDataFolderError, assertUsable } from './data-folder-check.ts';
import { lockDataFolder } from './data-folder-lock.ts';
import { PortTaken } from './errors.ts';
import { readNote, removeNote, writeNote } from './note.ts';
import { confirmPassword, ensurePassword } from './password.ts';
import { choosePlace, makeDataFolder, recordCluster } from './place.ts';
import { endLingering, findPostmaster, stopPostmaster, untilBuried } from './processes.ts';
import {
  askDataFolder,
  ensureDatabase,
  findFreePort,
  requireDatabase,
  untilReady,
  urlOf,
} from './readiness.ts';
import { keepRunning } from './supervision.ts';

/** A PostgreSQL of our own, kept running until it is stopped. */
export interface EmbeddedPostgres {
  /** The superuser `postgres` on the database `stageline`; the same for the server's whole life. */
  url: string;
  /** Stops PostgreSQL, waits until it is gone and gives the data folder free. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL on a data folder, which is made on the first start, and waits until it answers.
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
  // Before the first change: a folder that is refused stays as it was.
  await assertUsable(dataFolder);
  const release = await lockDataFolder(dataFolder);
  try {
    return await startLocked({ dataFolder, log, release });
  } catch (error) {
    release();
    throw error;
  }
}

interface Start {
  dataFolder: string;
  log: Log;
  release: () => void;
}

async function startLocked({ dataFolder, log, release }: Start): Promise<EmbeddedPostgres> {
  const secret = await ensurePassword(dataFolder);
  const server = await prepare(dataFolder, secret);
  const { child, port } = await startFirst(server, secret);
  const url = urlOf(port, secret);
  try {
    await ensureDatabase(urlOf(port, secret, 'postgres'));
    await requireDatabase(url, server.place.cluster);
    await writeNote(dataFolder, { url, cluster: server.place.cluster });
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

/** Everything up to a cluster on which no PostgreSQL runs. */
async function prepare(dataFolder: string, secret: string): Promise<Server> {
  const place = await choosePlace(dataFolder, secret);
  const binaries = await findBinaries(place.user);
  const { cluster } = place;
  if (!(await hasCluster(cluster))) await createCluster(binaries, place, secret);
  await recordCluster(dataFolder, cluster);
  await confirmPassword(dataFolder);
  // The PostgreSQL of a server that was killed lives on, and keeps the port and the cluster.
  const orphan = await findPostmaster(cluster);
  if (orphan) await stopPostmaster(orphan, { binaries, place, patience: 4_000 });
  await untilBuried(cluster);
  return { binaries, place, logFile: logFileOf(dataFolder) };
}

/** Between the search for a free port and its use, somebody else may take it. */
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
  await endLingering(server.place.cluster);
  const child = await launch(server);
  try {
    await untilReady(child, { ...server, secret, ...(signal && { signal }) });
    return child;
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/** For the command line beside a running server: the URL of the one that answers on this folder. */
export async function findRunningEmbeddedPostgres(dataFolder: string): Promise<string | undefined> {
  const note = await readNote(dataFolder);
  // Asked only if the process is there: the port may belong to somebody else by now.
  if (!note || !(await findPostmaster(note.cluster))) return undefined;
  return (await askDataFolder(note.url)) === note.cluster ? note.url : undefined;
}
