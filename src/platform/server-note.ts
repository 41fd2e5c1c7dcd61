import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the running server of a data folder listens, for the command line. */
export interface ServerNote {
  url: string;
  pid: number;
}

const fileOf = (dataFolder: string) => join(dataFolder, 'server.json');

export async function writeServerNote(dataFolder: string, note: ServerNote) {
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  await writeFile(fileOf(dataFolder), JSON.stringify(note), { mode: 0o600 });
}

export const removeServerNote = (dataFolder: string) => rm(fileOf(dataFolder), { force: true });

/** The server that runs on this folder; undefined if none does. */
export async function readServerNote(dataFolder: string): Promise<ServerNote | undefined> {
  try {
    const note = JSON.parse(await readFile(fileOf(dataFolder), 'utf8')) as ServerNote;
    process.kill(note.pid, 0);
    return note;
  } catch (error) {
    // EPERM: the process exists, but belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
      ? (JSON.parse(await readFile(fileOf(dataFolder), 'utf8')) as ServerNote)
      : undefined;
  }
}
