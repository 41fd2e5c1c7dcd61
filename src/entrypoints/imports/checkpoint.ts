import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';

const ImportTotals = z.object({
  lines: z.number(),
  accepted: z.number(),
  duplicates: z.number(),
  rejected: z.number(),
  seconds: z.number(),
});

const Probe = z.looseObject({ messageId: z.string() });

const Checkpoint = z.object({
  /** Hash of server, key, source and mapping: a different import must not resume from here. */
  key: z.string(),
  /** The end of the acknowledged part of the file. */
  end: z.object({ bytes: z.number(), lines: z.number() }),
  /** Hash of the acknowledged bytes. */
  prefix: z.string(),
  rejectedBytes: z.number(),
  totals: ImportTotals,
  /** The first and last accepted call: before skipping lines, the import checks that the server has them. */
  first: Probe.optional(),
  last: Probe.optional(),
});

/** The acknowledged part of an import. Only saves time: without it every line is sent again as a duplicate. */
export type Checkpoint = z.infer<typeof Checkpoint>;
export type ImportTotals = z.infer<typeof ImportTotals>;

/** Hashes everything that identifies an import; it reveals no secret. */
export const checkpointKey = (...parts: unknown[]) =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** Loads the checkpoint and the hash of the bytes it covers, if it matches this import and this file. */
export async function loadCheckpoint(
  path: string,
  { key, file, size }: { key: string; file: string; size: number },
): Promise<{ checkpoint: Checkpoint; hash: Hash } | undefined> {
  const checkpoint = await readCheckpoint(path);
  if (!checkpoint || checkpoint.key !== key || checkpoint.end.bytes > size) return undefined;
  const hash = createHash('sha256');
  await extendHash(hash, file, { from: 0, to: checkpoint.end.bytes });
  return hash.copy().digest('base64url') === checkpoint.prefix ? { checkpoint, hash } : undefined;
}

/** Adds the file's bytes [from, to) to the hash. */
export async function extendHash(
  hash: Hash,
  file: string,
  { from, to }: { from: number; to: number },
) {
  if (from >= to) return;
  for await (const chunk of createReadStream(file, { start: from, end: to - 1 })) {
    hash.update(chunk as Buffer);
  }
}

/** Replaces the checkpoint atomically. */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, JSON.stringify(checkpoint), { mode: 0o600 });
  await rename(temporary, path);
}

export const removeCheckpoint = (path: string) => rm(path, { force: true });

async function readCheckpoint(path: string) {
  try {
    return Checkpoint.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch {
    // Without a valid checkpoint the import starts with the first line.
    return undefined;
  }
}
