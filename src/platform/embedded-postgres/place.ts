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

/** Where the database's files are, and as whom PostgreSQL runs if not as ourselves. */
export interface Place {
  cluster: string;
  user: User | undefined;
}

// PostgreSQL refuses to run as root, and initdb wants a user the system knows: nobody, everywhere.
const nobody: User = { uid: 65_534, gid: 65_534 };

export const isRoot = () => process.getuid?.() === 0;

export const usualCluster = (dataFolder: string) => join(dataFolder, 'postgres');

/** Makes the data folder if it is missing, and gives its real path. */
export async function makeDataFolder(path: string): Promise<string> {
  // As root it must let PostgreSQL's user through to the cluster; every file in it is private.
  await mkdir(path, { recursive: true, mode: isRoot() ? 0o711 : 0o700 }).catch((error: Error) => {
    const isFile = isFileError(error, 'EEXIST', 'ENOTDIR');
    const reason = isFile ? 'it is a file, or lies in one' : `it cannot be made (${error.message})`;
    throw new DataFolderForeign(path, reason);
  });
  return realpath(path);
}

/** Names the cluster's folder if it is not inside the data folder. */
export const locationFile = (dataFolder: string) => join(dataFolder, 'postgres-location');

/** The folder of a cluster that exists or was recorded, without changing anything. */
export async function findCluster(dataFolder: string): Promise<string> {
  const recorded = (await readIfPresent(locationFile(dataFolder)))?.trim();
  return recorded || usualCluster(dataFolder);
}

/** Remembers a cluster outside of the data folder; called when it is complete. */
export async function recordCluster(dataFolder: string, cluster: string) {
  if (cluster === usualCluster(dataFolder)) return;
  await writePrivate(locationFile(dataFolder), `${cluster}\n`);
}

/** Decides where the cluster is or will be. The secret tells a data folder from its predecessor. */
export async function choosePlace(dataFolder: string, secret: string): Promise<Place> {
  const cluster = await findCluster(dataFolder);
  if (!isRoot()) return { cluster, user: undefined };
  const owner = await ownerOf(cluster);
  const user = owner && owner.uid !== 0 ? owner : nobody;
  if (await mayEnter(dirname(cluster), user)) return { cluster, user };
  if (owner) throw new DataFolderForeign(cluster, `its user ${user.uid} may not enter it`);
  const key = createHash('sha256').update(`${dataFolder}\0${secret}`).digest('hex').slice(0, 16);
  return { cluster: join(await sharedFolder(), key), user };
}

/** Whether a user may enter a folder, by the permissions of everything above it. */
export async function mayEnter(folder: string, { uid, gid }: User): Promise<boolean> {
  const { mode, uid: owner, gid: group } = await stat(folder);
  const right = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  if ((mode & right) === 0) return false;
  const parent = dirname(folder);
  return parent === folder || mayEnter(parent, { uid, gid });
}

/** A folder of root's that every user may enter, for what cannot stay in a closed data folder. */
export async function sharedFolder(): Promise<string> {
  for (const folder of ['/var/lib/stageline', join(tmpdir(), 'stageline')]) {
    if (await isSafelyShared(folder)) return folder;
  }
  throw new EmbeddedPostgresUnavailable(
    'as root it needs a folder that other users may enter, and /var/lib/stageline could not be made',
  );
}

async function isSafelyShared(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o755 });
    // Anybody could have made the one in the temporary folder before us.
    const found = await lstat(folder);
    const isOurs = found.isDirectory() && found.uid === 0 && (found.mode & 0o022) === 0;
    return isOurs && (await mayEnter(folder, nobody));
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
