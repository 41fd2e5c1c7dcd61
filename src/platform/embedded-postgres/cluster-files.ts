import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataFolderDamaged, DataFolderForeign, DataFolderIncomplete } from './errors.ts';
import { isFileError } from './files.ts';

/** Files that initdb creates and PostgreSQL never recreates, with their size where it is fixed. */
const files: Readonly<Record<string, number | undefined>> = {
  PG_VERSION: undefined,
  'postgresql.conf': undefined,
  'postgresql.auto.conf': undefined,
  'pg_hba.conf': undefined,
  'pg_ident.conf': undefined,
  'global/pg_control': 8_192,
  'global/pg_filenode.map': undefined,
  'base/1/PG_VERSION': undefined,
  'base/4/PG_VERSION': undefined,
  'base/5/PG_VERSION': undefined,
};

const folders = [
  ...['base', 'base/1', 'base/4', 'base/5', 'global', 'pg_commit_ts', 'pg_dynshmem'],
  ...['pg_logical', 'pg_logical/mappings', 'pg_logical/snapshots', 'pg_multixact'],
  ...['pg_multixact/members', 'pg_multixact/offsets', 'pg_notify', 'pg_replslot', 'pg_serial'],
  ...['pg_snapshots', 'pg_stat', 'pg_stat_tmp', 'pg_subtrans', 'pg_tblspc', 'pg_twophase'],
  ...['pg_wal', 'pg_wal/archive_status', 'pg_wal/summaries', 'pg_xact'],
];

/** Folders that are never empty: the write-ahead log and the states of transactions. */
const nonEmptyFolders = ['pg_wal', 'pg_xact', 'pg_multixact/members', 'pg_multixact/offsets'];

/**
 * Refuses a cluster with a missing, damaged or inaccessible part and names that part. PostgreSQL itself detects some
 * of these late and others never. Changes nothing.
 * @throws DataFolderIncomplete, DataFolderDamaged, DataFolderForeign
 */
export async function checkClusterFiles(cluster: string) {
  const { uid, mode } = await stat(cluster);
  if (process.platform !== 'win32' && (mode & 0o027) !== 0) {
    const problem = `has the permissions ${(mode & 0o777).toString(8)}, and PostgreSQL does not start with them`;
    throw new DataFolderDamaged(cluster, problem, `Run: chmod 700 ${cluster}`);
  }
  // Folders before the files in them: if pg_wal is missing, the error must name pg_wal.
  for (const name of folders) await checkEntry(join(cluster, name), { uid, isFolder: true });
  for (const [name, size] of Object.entries(files)) {
    await checkEntry(join(cluster, name), { uid, isFolder: false, size });
  }
  for (const name of nonEmptyFolders) await requireFile(join(cluster, name));
}

interface ExpectedEntry {
  uid: number;
  isFolder: boolean;
  size?: number | undefined;
}

async function checkEntry(path: string, expected: ExpectedEntry) {
  const actual = await stat(path).catch((error) => {
    if (isFileError(error, 'ENOENT', 'ENOTDIR')) throw new DataFolderIncomplete(path);
    throw error;
  });
  if (actual.isDirectory() !== expected.isFolder) {
    throw new DataFolderDamaged(path, `is not a ${expected.isFolder ? 'folder' : 'file'}`);
  }
  if (!expected.isFolder) checkSize(path, actual, expected.size);
  checkAccess(path, actual, expected);
}

function checkSize(path: string, { size }: Stats, expected: number | undefined) {
  if (expected === undefined && size === 0) throw new DataFolderDamaged(path, 'is empty');
  if (expected === undefined || size === expected) return;
  throw new DataFolderDamaged(path, `has ${size} bytes instead of ${expected}`);
}

function checkAccess(path: string, actual: Stats, { uid, isFolder }: ExpectedEntry) {
  if (process.platform === 'win32') return;
  if (actual.uid !== uid) {
    throw new DataFolderForeign(path, `it belongs to the user ${actual.uid} instead of ${uid}`);
  }
  const needed = isFolder ? 0o700 : 0o600;
  if ((actual.mode & needed) === needed) return;
  const problem = `cannot be read and written by its owner (permissions ${(actual.mode & 0o777).toString(8)})`;
  throw new DataFolderDamaged(path, problem, `Run: chmod u+rw${isFolder ? 'x' : ''} ${path}`);
}

/** The names of log and state files are hexadecimal. */
async function requireFile(folder: string) {
  if ((await readdir(folder)).some((name) => /^[0-9A-F]{4,}$/.test(name))) return;
  throw new DataFolderIncomplete(`every file of ${folder}`);
}
