import { access, constants, stat, statfs } from 'node:fs/promises';
import { logFileOf } from './child.ts';
import { hasCluster } from './cluster.ts';
import { checkClusterFiles } from './cluster-files.ts';
import {
  chooseLocation,
  defaultClusterFolder,
  findCluster,
  isRoot,
  locationFile,
} from './cluster-location.ts';
import {
  DataFolderDamaged,
  DataFolderForeign,
  DataFolderFull,
  DataFolderIncomplete,
} from './errors.ts';
import { isFileError } from './files.ts';
import { noteFile } from './note.ts';
import { passwordFile, readConfirmedPassword, readPassword } from './password.ts';

/** A new cluster takes 50 MB, and grows by as much with the first events. */
const bytesForNewCluster = 100_000_000;
const bytesForStart = 1_000_000;

/**
 * Refuses a data folder that cannot be used, and names what is missing or damaged. Changes nothing.
 * @throws DataFolderForeign, DataFolderOtherVersion, DataFolderIncomplete, DataFolderDamaged, DataFolderFull
 * Decision 0022.
 */
export async function assertUsable(dataFolder: string) {
  await access(dataFolder, constants.R_OK | constants.W_OK | constants.X_OK).catch(() => {
    throw new DataFolderForeign(dataFolder, 'this user cannot read and write it');
  });
  // Traces first: another server that starts at the same time writes them after the cluster.
  const trace = await findTrace(dataFolder);
  const cluster = await findExistingCluster(dataFolder);
  await requireSpace(dataFolder, cluster ? bytesForStart : bytesForNewCluster);
  if (!cluster && trace) {
    throw new DataFolderIncomplete(await findCluster(dataFolder), `although ${trace} exists`);
  }
  if (!cluster) return;
  await checkClusterFiles(cluster);
  if (await readPassword(dataFolder)) return;
  throw new DataFolderIncomplete(
    passwordFile(dataFolder),
    `and ${cluster} cannot be opened without it`,
  );
}

/** Finds a file that exists only after a cluster was completed. */
async function findTrace(dataFolder: string): Promise<string | undefined> {
  const traces = [locationFile, passwordFile, noteFile, logFileOf].map((pathIn) =>
    pathIn(dataFolder),
  );
  for (const path of traces) if (await exists(path)) return path;
  return undefined;
}

async function findExistingCluster(dataFolder: string): Promise<string | undefined> {
  const recorded = await findCluster(dataFolder);
  if (await hasCluster(recorded)) return recorded;
  const secret = await readConfirmedPassword(dataFolder);
  if (!isRoot() || !secret || recorded !== defaultClusterFolder(dataFolder)) return undefined;
  // If the file that records the location is lost, the location is derived from the password.
  const { cluster } = await chooseLocation(dataFolder, secret);
  return (await hasCluster(cluster)) ? cluster : undefined;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error) => {
      if (isFileError(error, 'ENOENT')) return false;
      throw error;
    },
  );
}

async function requireSpace(dataFolder: string, needed: number) {
  const { bavail, bsize } = await statfs(dataFolder);
  if (bavail * bsize < needed) throw new DataFolderFull(dataFolder, needed);
}

/** Rethrows a file system error as a refusal that names the path. */
export function asDataFolderError(error: unknown, dataFolder: string): never {
  if (!isFileError(error, ...fileErrors)) throw error;
  const { code, path = dataFolder } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') throw new DataFolderFull(dataFolder, bytesForStart);
  if (code === 'ENOTDIR') throw new DataFolderDamaged(path, 'is not a folder');
  if (code === 'EISDIR') throw new DataFolderDamaged(path, 'is a folder instead of a file');
  const reason = code === 'EROFS' ? 'the file system is read-only' : 'this user has no permission';
  throw new DataFolderForeign(path, reason);
}

const fileErrors = ['ENOSPC', 'EDQUOT', 'ENOTDIR', 'EISDIR', 'EROFS', 'EACCES', 'EPERM'];
