import { createHash, type Hash } from 'node:crypto';
import {
  type Checkpoint,
  extendHash,
  loadCheckpoint,
  removeCheckpoint,
  saveCheckpoint,
} from './checkpoint.ts';
import type { OrderCall } from './create-order-reader.ts';
import { createRejectedFile, hasBytes, type RejectedFile } from './create-rejected-file.ts';
import type { OrderBatch, Rejection } from './cut-batches.ts';
import type { CallResult } from './send-calls.ts';
import { sidePath } from './side-path.ts';

/** The progress of an import, in memory and in the checkpoint file. */
export interface ImportSession {
  file: string;
  checkpointPath: string;
  checkpoint: Checkpoint;
  /** Hash of the acknowledged bytes. */
  hash: Hash;
  rejected: RejectedFile;
  /** The first rejected lines, for the summary. */
  examples: Rejection[];
}

interface SessionRequest {
  file: string;
  size: number;
  key: string;
  rejectedPath: string;
  /** Whether the server has a call; sends it again to find out. */
  isKnown: (call: { messageId: string }) => Promise<boolean>;
}

const maxExamples = 3;

/** Resumes an interrupted import of the same file, or starts at its beginning. */
export async function openSession(request: SessionRequest): Promise<ImportSession> {
  const { file, key, rejectedPath } = request;
  const checkpointPath = await sidePath(file, '.stageline-checkpoint.json');
  const rejected = createRejectedFile(rejectedPath);
  const stored = await loadCheckpoint(checkpointPath, request);
  const base = { file, checkpointPath, rejected, examples: [] };
  if (!stored || !(await isValid(stored.checkpoint, request))) {
    return { ...base, checkpoint: newCheckpoint(key), hash: createHash('sha256') };
  }
  await rejected.resume(stored.checkpoint.rejectedBytes);
  return { ...base, ...stored };
}

/** Records the server's results of a batch, so that a later run skips it. */
export async function acknowledge(
  session: ImportSession,
  { batch, results, seconds }: { batch: OrderBatch; results: CallResult[]; seconds: number },
): Promise<void> {
  const rejected = [...batch.rejections, ...refusals(batch, results)].sort(
    (a, b) => a.line - b.line,
  );
  await session.rejected.add(rejected);
  session.examples.push(...rejected.slice(0, maxExamples - session.examples.length));

  const { checkpoint, hash, file } = session;
  await extendHash(hash, file, { from: checkpoint.end.bytes, to: batch.end.bytes });
  const accepted = batch.calls.filter((_, index) => results[index]?.status !== 'refused');
  session.checkpoint = {
    key: checkpoint.key,
    end: batch.end,
    prefix: hash.copy().digest('base64url'),
    rejectedBytes: session.rejected.bytes(),
    totals: addTotals(checkpoint, { batch, results, rejected: rejected.length, seconds }),
    ...probes(checkpoint, accepted[0]?.call, accepted.at(-1)?.call),
  };
  await saveCheckpoint(session.checkpointPath, session.checkpoint);
}

/** Removes the checkpoint of a complete import. */
export async function closeSession({ checkpointPath }: ImportSession): Promise<void> {
  await removeCheckpoint(checkpointPath);
}

// A new server at the old address, or one restored from a backup, has less data than the checkpoint says. The import
// sends two calls again: if the server lacks either, it starts over.
async function isValid({ first, last, rejectedBytes }: Checkpoint, request: SessionRequest) {
  if (!first || !last) return false;
  if (!(await hasBytes(request.rejectedPath, rejectedBytes))) return false;
  return (await request.isKnown(first)) && (await request.isKnown(last));
}

const newCheckpoint = (key: string): Checkpoint => ({
  key,
  end: { bytes: 0, lines: 0 },
  prefix: '',
  rejectedBytes: 0,
  totals: { lines: 0, accepted: 0, duplicates: 0, rejected: 0, seconds: 0 },
});

function refusals({ calls }: OrderBatch, results: CallResult[]): Rejection[] {
  return calls.flatMap(({ line, text }, index) => {
    const result = results[index];
    if (result?.status !== 'refused') return [];
    const code = result.code ? ` (${result.code})` : '';
    return [
      { line, text, reason: `refused by the server: ${result.message ?? 'no reason'}${code}` },
    ];
  });
}

function addTotals(
  { totals }: Checkpoint,
  part: { batch: OrderBatch; results: CallResult[]; rejected: number; seconds: number },
) {
  const count = (status: CallResult['status']) =>
    part.results.filter((result) => result.status === status).length;
  return {
    lines: totals.lines + part.batch.calls.length + part.batch.rejections.length,
    accepted: totals.accepted + count('accepted'),
    duplicates: totals.duplicates + count('duplicate'),
    rejected: totals.rejected + part.rejected,
    seconds: part.seconds,
  };
}

function probes(previous: Checkpoint, first: OrderCall | undefined, last: OrderCall | undefined) {
  const probe = { first: previous.first ?? copy(first), last: copy(last) ?? previous.last };
  return {
    ...(probe.first ? { first: probe.first } : {}),
    ...(probe.last ? { last: probe.last } : {}),
  };
}

const copy = (call: OrderCall | undefined) => (call ? { ...call } : undefined);
