import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { endWithProcess } from '../end-with-process.ts';
import { type Binaries, childEnvironment } from './binaries.ts';
import {
  DataFolderDamaged,
  DataFolderForeign,
  DataFolderOtherVersion,
  EmbeddedPostgresUnavailable,
} from './errors.ts';
import { findReason } from './failed-start.ts';
import { isFileError, readIfPresent, syncFolder } from './files.ts';
import { isRoot, type Place, type User } from './place.ts';

const majorVersion = '18';
const marker = 'stageline-cluster';

/**
 * Whether there is a cluster of ours; false if the place is free. Changes nothing.
 * @throws DataFolderForeign, DataFolderOtherVersion, DataFolderDamaged
 */
export async function hasCluster(cluster: string): Promise<boolean> {
  const found = await stat(cluster).catch((error) => {
    if (isFileError(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (!found) return false;
  if (!found.isDirectory()) throw new DataFolderDamaged(cluster, 'is not a folder');
  if (!isRoot() && process.getuid && found.uid !== process.getuid()) {
    throw new DataFolderForeign(cluster, `it belongs to the user ${found.uid}`);
  }
  if ((await readdir(cluster)).length === 0) return false;
  const version = (await readIfPresent(join(cluster, 'PG_VERSION')))?.trim();
  if (version && version !== majorVersion) {
    throw new DataFolderOtherVersion(cluster, { found: version, ours: majorVersion });
  }
  // PostgreSQL starts on a folder whose initdb was killed, and serves a broken database from it.
  if ((await readIfPresent(join(cluster, marker))) === undefined) {
    const reason = `it holds files, but no "${marker}", which marks a database made by Stageline`;
    throw new DataFolderForeign(cluster, reason);
  }
  return true;
}

/** Builds a cluster next to its place and moves it there when complete. */
export async function createCluster(binaries: Binaries, { cluster, user }: Place, secret: string) {
  await removeHalfBuilt(cluster);
  const workshop = `${cluster}.initdb-${randomBytes(4).toString('hex')}`;
  const built = join(workshop, 'cluster');
  await mkdir(workshop, { mode: 0o700 });
  await writeFile(join(workshop, 'password'), secret, { mode: 0o600 });
  await give(user, workshop, join(workshop, 'password'));
  await initialise(binaries, { built, passwordFile: join(workshop, 'password'), user });
  await writeFile(join(built, marker), 'A PostgreSQL cluster of Stageline.\n', { mode: 0o600 });
  await give(user, join(built, marker));
  await chmod(built, 0o700);
  await syncFolder(built);
  await rename(built, cluster);
  await syncFolder(dirname(cluster));
  await rm(workshop, { recursive: true, force: true });
}

interface Build {
  built: string;
  passwordFile: string;
  user: User | undefined;
}

async function initialise({ initdb }: Binaries, { built, passwordFile, user }: Build) {
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

async function give(user: User | undefined, ...paths: string[]) {
  if (user) await Promise.all(paths.map((path) => chown(path, user.uid, user.gid)));
}

/** Only what has our name and nothing but our two entries in it is taken for our own. */
async function removeHalfBuilt(cluster: string) {
  const parent = dirname(cluster);
  const prefix = `${basename(cluster)}.initdb-`;
  for (const name of (await readdir(parent)).filter((entry) => entry.startsWith(prefix))) {
    const entries = await readdir(join(parent, name));
    if (!entries.every((entry) => entry === 'cluster' || entry === 'password')) continue;
    // An initdb that outlived its server may still be writing; then the next start removes it.
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}
