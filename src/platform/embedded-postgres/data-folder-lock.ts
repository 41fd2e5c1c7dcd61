import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { DataFolderDamaged, DataFolderLocked } from './errors.ts';
import { readIfPresent, writePrivate } from './files.ts';
import { isAlive } from './processes.ts';

// Keeps the handles referenced: garbage collection of a handle would release its lock.
const openLocks = new Set<DatabaseSync>();

/**
 * Locks the data folder for this process until the returned function is called.
 *
 * Uses a file lock of the operating system, through SQLite because Node has no API for it. The kernel
 * releases the lock when the process ends, so a lock is never stale and process ids need not be trusted.
 * @throws DataFolderLocked
 */
export async function lockDataFolder(dataFolder: string): Promise<() => void> {
  const { DatabaseSync } = await import('node:sqlite');
  // Nothing else in this process may open this file: closing any handle of it would release the lock.
  const path = join(dataFolder, 'server.lock');
  const lock = openLock(path, DatabaseSync);
  try {
    lock.exec('begin immediate');
  } catch (error) {
    lock.close();
    if (!isSqliteError(error, busy)) throw asLockError(error, path);
    throw new DataFolderLocked(dataFolder, await findOwner(dataFolder));
  }
  openLocks.add(lock);
  await chmod(path, 0o600);
  await writePrivate(ownerFile(dataFolder), `${process.pid}\n`);
  return () => release(lock);
}

const ownerFile = (dataFolder: string) => join(dataFolder, 'server.pid');

// Result codes of SQLite: https://sqlite.org/rescode.html
const busy = 5;
const unusable = { corrupt: 11, cannotOpen: 14, notADatabase: 26 };

const isSqliteError = (error: unknown, ...codes: number[]) =>
  error instanceof Error && codes.includes((error as Error & { errcode?: number }).errcode ?? 0);

function openLock(path: string, Database: typeof DatabaseSync): DatabaseSync {
  try {
    return new Database(path);
  } catch (error) {
    throw asLockError(error, path);
  }
}

function asLockError(error: unknown, path: string): unknown {
  if (!isSqliteError(error, ...Object.values(unusable))) return error;
  const problem = `is not a lock file made by Stageline (${(error as Error).message})`;
  const remedy =
    'It contains no data: make sure that no Stageline server runs on this folder, remove the file, and start again.';
  return new DataFolderDamaged(path, problem, remedy);
}

function release(lock: DatabaseSync) {
  if (openLocks.delete(lock)) lock.close();
}

/** For the message only. Waits briefly, because the owner writes its id after it has the lock. */
async function findOwner(dataFolder: string): Promise<number | undefined> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const pid = Number(await readIfPresent(ownerFile(dataFolder)));
    if (pid > 0 && isAlive(pid)) return pid;
    await wait(25);
  }
  return undefined;
}
