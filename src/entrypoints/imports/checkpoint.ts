import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';

const Totals = z.object({
  lines: z.number(),
  accepted: z.number(),
  duplicates: z.number(),
  rejected: z.number(),
  seconds: z.number(),
});

const Probe = z.looseObject({ messageId: z.string() });

const Checkpoint = z.object({
  /** Of server, workspace key, source and mapping: another import must not go on from here. */
  key: z.string(),
  /** How far the file is acknowledged. */
  end: z.object({ bytes: z.number(), lines: z.number() }),
  /** Hash of the file's bytes up to there. */
  prefix: z.string(),
  rejectedBytes: z.number(),
  totals: Totals,
  /** The first and the last call the server has taken: it is asked for them before anything is skipped. */
  first: Probe.optional(),
  last: Probe.optional(),
});

/** What is known to be acknowledged. Only saves time: without it everything is sent again and found known. */
export type Checkpoint = z.infer<typeof Checkpoint>;
export type Totals = z.infer<typeof Totals>;

/** One short name for everything that makes two imports the same import. No secret can be read from it. */
export const checkpointKey = (...parts: unknown[]) =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** The checkpoint and the running hash of what it covers, if it fits this import and this very file. */
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

/** Replaces the checkpoint at once: whoever reads it finds the old or the new one, never half of it. */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, JSON.stringify(checkpoint), { mode: 0o600 });
  await rename(draft, path);
}

export const removeCheckpoint = (path: string) => rm(path, { force: true });

async function readCheckpoint(path: string) {
  try {
    return Checkpoint.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch {
    // Missing or damaged comes to the same: start with the first line.
    return undefined;
  }
}
