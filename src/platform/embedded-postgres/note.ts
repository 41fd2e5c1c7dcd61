import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, writePrivate } from './files.ts';

/** How the command line finds the running server of a data folder. */
interface Note {
  url: string;
  cluster: string;
}

export const noteFile = (dataFolder: string) => join(dataFolder, 'postgres.json');

export const writeNote = (dataFolder: string, note: Note) =>
  writePrivate(noteFile(dataFolder), JSON.stringify(note));

export const removeNote = (dataFolder: string) => rm(noteFile(dataFolder), { force: true });

export async function readNote(dataFolder: string): Promise<Note | undefined> {
  const written = await readIfPresent(noteFile(dataFolder));
  try {
    return written === undefined ? undefined : (JSON.parse(written) as Note);
  } catch {
    // A damaged note is treated like a missing one.
    return undefined;
  }
}
