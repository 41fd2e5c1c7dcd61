import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { endWithProcess } from '../end-with-process.ts';
import { type Binaries, childEnvironment } from './binaries.ts';
import { type ClusterLocation, isRoot, type User } from './cluster-location.ts';
import {
  DataFolderDamaged,
  DataFolderForeign,
  DataFolderOtherVersion,
  EmbeddedPostgresUnavailable,
} from './errors.ts';
import { findReason } from './failed-start.ts';
import { isFileError, readIfPresent, syncFolder } from './files.ts';

const majorVersion = '18';
const markerFile = 'stageline-cluster';

/**
 * Whether the folder has a cluster made by Stageline; false if it is missing or empty. Changes nothing.
 * @throws DataFolderForeign, DataFolderOtherVersion, DataFolderDamaged
 */
export async function hasCluster(cluster: string): Promise<boolean> {
  const stats = await stat(cluster).catch((error) => {
    if (isFileError(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (!stats) return false;
  if (!stats.isDirectory()) throw new DataFolderDamaged(cluster, 'is not a folder');
  if (!isRoot() && process.getuid && stats.uid !== process.getuid()) {
    throw new DataFolderForeign(cluster, `it belongs to the user ${stats.uid}`);
  }
  if ((await readdir(cluster)).length === 0) return false;
  const version = (await readIfPresent(join(cluster, 'PG_VERSION')))?.trim();
  if (version && version !== majorVersion) {
    throw new DataFolderOtherVersion(cluster, { actual: version, expected: majorVersion });
  }
  // PostgreSQL would start on a folder whose initdb was killed, and serve a broken database.
  if ((await readIfPresent(join(cluster, markerFile))) === undefined) {
    const reason = `it has files, but no "${markerFile}", which marks a database made by Stageline`;
    throw new DataFolderForeign(cluster, reason);
  }
  return true;
}

/** Creates a cluster in a temporary folder and renames it when complete. */
export async function createCluster(
  binaries: Binaries,
  { cluster, user }: ClusterLocation,
  secret: string,
) {
  await removeIncompleteClusters(cluster);
  const temporary = `${cluster}.initdb-${randomBytes(4).toString('hex')}`;
  const built = join(temporary, 'cluster');
  const passwordFile = join(temporary, 'password');
  await mkdir(temporary, { mode: 0o700 });
  await writeFile(passwordFile, secret, { mode: 0o600 });
  await changeOwner(user, temporary, passwordFile);
  await runInitdb(binaries, { built, passwordFile, user });
  await writeFile(join(built, markerFile), 'A PostgreSQL cluster of Stageline.\n', { mode: 0o600 });
  await changeOwner(user, join(built, markerFile));
  await chmod(built, 0o700);
  await syncFolder(built);
  await rename(built, cluster);
  await syncFolder(dirname(cluster));
  await rm(temporary, { recursive: true, force: true });
}

interface InitdbOptions {
  built: string;
  passwordFile: string;
  user: User | undefined;
}

async function runInitdb({ initdb }: Binaries, { built, passwordFile, user }: InitdbOptions) {
  const options = [
    ['--pgdata', built],
    ['--username', 'postgres'],
    ['--pwfile', passwordFile],
    ['--auth', 'scram-sha-256'],
    ['--encoding', 'UTF8'],
    ['--locale', 'C'],
    ['--locale-provider', 'builtin'],
    ['--builtin-locale', 'C.UTF-8'],
    ['--no-instructions'],
  ];
  const settings = { env: childEnvironment, cwd: dirname(built), ...user };
  const running = promisify(execFile)(initdb, options.flat(), settings);
  endWithProcess(running.child, 'SIGTERM');
  await running.catch((cause) => {
    const reason = findReason(String(cause.stderr || cause.message));
    throw new EmbeddedPostgresUnavailable(`initdb failed (${reason})`, { cause });
  });
}

async function changeOwner(user: User | undefined, ...paths: string[]) {
  if (user) await Promise.all(paths.map((path) => chown(path, user.uid, user.gid)));
}

/** Removes only folders that have our prefix and contain nothing but our two entries. */
async function removeIncompleteClusters(cluster: string) {
  const parent = dirname(cluster);
  const prefix = `${basename(cluster)}.initdb-`;
  for (const name of (await readdir(parent)).filter((entry) => entry.startsWith(prefix))) {
    const entries = await readdir(join(parent, name));
    if (!entries.every((entry) => entry === 'cluster' || entry === 'password')) continue;
    // An initdb that outlived its server may still be writing; the next start removes it then.
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}
