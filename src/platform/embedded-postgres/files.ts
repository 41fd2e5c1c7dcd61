import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';

/** Whether an error is a file system error with one of these codes. */
export const isFileError = (error: unknown, ...codes: string[]) =>
  error instanceof Error && codes.includes(String((error as NodeJS.ErrnoException).code));

/** Reads a file; undefined if it does not exist. */
export async function readIfPresent(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error) => {
    if (isFileError(error, 'ENOENT', 'ESRCH')) return undefined;
    // Reading a folder fails after it was opened, with an error that has no path.
    throw Object.assign(error, { path });
  });
}

/** Replaces a file atomically and durably, readable by its owner only. */
export async function writePrivate(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** Makes a rename inside the folder durable. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder; its file system journals renames.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
