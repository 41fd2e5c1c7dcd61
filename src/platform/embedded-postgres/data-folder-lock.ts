import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { DataFolderDamaged, DataFolderLocked } from './errors.ts';
import { readIfPresent, writePrivate } from './files.ts';
import { isAlive } from './processes.ts';

// A lock is lost when its handle is collected as garbage.
const held = new Set<DatabaseSync>();

/**
 * Takes the data folder for this process until the returned function is called.
 *
 * The lock is one of the operating system, borrowed through SQLite because Node has no call for it:
 * the kernel picks one winner and frees it when the process dies, however it dies. So a lock is never
 * stale, nothing has to be taken over, and a process id that was given out again deceives nobody.
 * @throws DataFolderLocked
 */
export async function lockDataFolder(dataFolder: string): Promise<() => void> {
  const { DatabaseSync } = await import('node:sqlite');
  // Nothing else in this process may open this file: closing it anywhere would free the lock.
  const path = join(dataFolder, 'server.lock');
  const lock = openLock(path, DatabaseSync);
  try {
    lock.exec('begin immediate');
  } catch (error) {
    lock.close();
    if (!isSqliteError(error, busy)) throw asLockError(error, path);
    throw new DataFolderLocked(dataFolder, await findOwner(dataFolder));
  }
  held.add(lock);
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
    'It holds no data: make sure that no Stageline server runs on this folder, remove it, and start again.';
  return new DataFolderDamaged(path, problem, remedy);
}

function release(lock: DatabaseSync) {
  if (held.delete(lock)) lock.close();
}

/** For the message only. A winner of a moment ago may not have written its id yet: wait a little. */
async function findOwner(dataFolder: string): Promise<number | undefined> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const pid = Number(await readIfPresent(ownerFile(dataFolder)));
    if (pid > 0 && isAlive(pid)) return pid;
    await wait(25);
  }
  return undefined;
}
