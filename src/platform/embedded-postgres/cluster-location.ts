import { createHash } from 'node:crypto';
import { lstat, mkdir, realpath, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DataFolderForeign, EmbeddedPostgresUnavailable } from './errors.ts';
import { isFileError, readIfPresent, writePrivate } from './files.ts';

export interface User {
  uid: number;
  gid: number;
}

/** The folder of the database files, and the user PostgreSQL runs as; undefined for the current user. */
export interface ClusterLocation {
  cluster: string;
  user: User | undefined;
}

// PostgreSQL refuses to run as root, and initdb requires an existing user: `nobody` exists everywhere.
const nobody: User = { uid: 65_534, gid: 65_534 };

export const isRoot = () => process.getuid?.() === 0;

export const defaultClusterFolder = (dataFolder: string) => join(dataFolder, 'postgres');

/** Creates the data folder if it is missing, and returns its real path. */
export async function makeDataFolder(path: string): Promise<string> {
  // As root: PostgreSQL's user must be able to reach the cluster; all files in the folder are private.
  await mkdir(path, { recursive: true, mode: isRoot() ? 0o711 : 0o700 }).catch((error: Error) => {
    const isFile = isFileError(error, 'EEXIST', 'ENOTDIR');
    const reason = isFile
      ? 'it is a file or inside a file'
      : `it cannot be created (${error.message})`;
    throw new DataFolderForeign(path, reason);
  });
  return realpath(path);
}

/** The file that records the cluster's folder if that is outside the data folder. */
export const locationFile = (dataFolder: string) => join(dataFolder, 'postgres-location');

/** Finds the recorded or default folder of the cluster. Changes nothing. */
export async function findCluster(dataFolder: string): Promise<string> {
  const recorded = (await readIfPresent(locationFile(dataFolder)))?.trim();
  return recorded || defaultClusterFolder(dataFolder);
}

/** Records a cluster outside the data folder. Call it when the cluster is complete. */
export async function recordCluster(dataFolder: string, cluster: string) {
  if (cluster === defaultClusterFolder(dataFolder)) return;
  await writePrivate(locationFile(dataFolder), `${cluster}\n`);
}

/** Decides where the cluster is or will be. The secret distinguishes a data folder from an earlier one at the same path. */
export async function chooseLocation(dataFolder: string, secret: string): Promise<ClusterLocation> {
  const cluster = await findCluster(dataFolder);
  if (!isRoot()) return { cluster, user: undefined };
  const owner = await ownerOf(cluster);
  const user = owner && owner.uid !== 0 ? owner : nobody;
  if (await canEnter(dirname(cluster), user)) return { cluster, user };
  if (owner) throw new DataFolderForeign(cluster, `its user ${user.uid} cannot enter it`);
  const key = createHash('sha256').update(`${dataFolder}\0${secret}`).digest('hex').slice(0, 16);
  return { cluster: join(await sharedFolder(), key), user };
}

/** Whether a user can enter a folder, judged by its permissions and those of its parents. */
export async function canEnter(folder: string, { uid, gid }: User): Promise<boolean> {
  const { mode, uid: owner, gid: group } = await stat(folder);
  const right = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  if ((mode & right) === 0) return false;
  const parent = dirname(folder);
  return parent === folder || canEnter(parent, { uid, gid });
}

/** Finds a folder that root owns and every user can enter, for files that cannot be in a private data folder. */
export async function sharedFolder(): Promise<string> {
  for (const folder of ['/var/lib/stageline', join(tmpdir(), 'stageline')]) {
    if (await isSafelyShared(folder)) return folder;
  }
  throw new EmbeddedPostgresUnavailable(
    'as root it needs a folder that other users can enter, and /var/lib/stageline could not be created',
  );
}

async function isSafelyShared(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o755 });
    // Another user could have created the one in the temporary folder.
    const stats = await lstat(folder);
    const isSafe = stats.isDirectory() && stats.uid === 0 && (stats.mode & 0o022) === 0;
    return isSafe && (await canEnter(folder, nobody));
  } catch (error) {
    if (isFileError(error, 'EACCES', 'EROFS', 'EPERM', 'ENOTDIR', 'EEXIST')) return false;
    throw error;
  }
}

async function ownerOf(folder: string): Promise<User | undefined> {
  try {
    const { uid, gid } = await lstat(folder);
    return { uid, gid };
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return undefined;
    throw error;
  }
}
