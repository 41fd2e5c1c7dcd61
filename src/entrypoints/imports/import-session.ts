import { createHash, type Hash } from 'node:crypto';
import {
  type Checkpoint,
  extendHash,
  loadCheckpoint,
  removeCheckpoint,
  saveCheckpoint,
} from './checkpoint.ts';
import type { OrderCall } from './create-order-reader.ts';
import { createRejectedFile, isKept, type RejectedFile } from './create-rejected-file.ts';
import type { Batch, Rejection } from './cut-batches.ts';
import type { CallResult } from './send-calls.ts';
import { sidePath } from './side-path.ts';

/** How far an import has come, in memory and beside the file. */
export interface ImportSession {
  file: string;
  checkpointPath: string;
  checkpoint: Checkpoint;
  /** Of the file's bytes that are acknowledged. */
  hash: Hash;
  rejected: RejectedFile;
  /** The first lines left out, for the summary. */
  examples: Rejection[];
}

interface SessionRequest {
  file: string;
  size: number;
  key: string;
  rejectedPath: string;
  /** Asks the server whether it knows a call, by sending it once more. */
  isKnown: (call: { messageId: string }) => Promise<boolean>;
}

const mostExamples = 3;

/** Goes on where an interrupted import of the same file stopped, or begins at its start. */
export async function openSession(request: SessionRequest): Promise<ImportSession> {
  const { file, key, rejectedPath } = request;
  const checkpointPath = await sidePath(file, '.stageline-checkpoint.json');
  const rejected = createRejectedFile(rejectedPath);
  const kept = await loadCheckpoint(checkpointPath, request);
  const base = { file, checkpointPath, rejected, examples: [] };
  if (!kept || !(await isTrustworthy(kept.checkpoint, request))) {
    return { ...base, checkpoint: freshCheckpoint(key), hash: createHash('sha256') };
  }
  await rejected.resume(kept.checkpoint.rejectedBytes);
  return { ...base, ...kept };
}

/** Notes that the server has answered for a batch; only then is it skipped by a later run. */
export async function acknowledge(
  session: ImportSession,
  { batch, results, seconds }: { batch: Batch; results: CallResult[]; seconds: number },
): Promise<void> {
  const left = [...batch.rejections, ...refusals(batch, results)].sort((a, b) => a.line - b.line);
  await session.rejected.add(left);
  session.examples.push(...left.slice(0, mostExamples - session.examples.length));

  const { checkpoint, hash, file } = session;
  await extendHash(hash, file, { from: checkpoint.end.bytes, to: batch.end.bytes });
  const taken = batch.calls.filter((_, index) => results[index]?.status !== 'refused');
  session.checkpoint = {
    key: checkpoint.key,
    end: batch.end,
    prefix: hash.copy().digest('base64url'),
    rejectedBytes: session.rejected.bytes(),
    totals: addUp(checkpoint, { batch, results, left: left.length, seconds }),
    ...probes(checkpoint, taken[0]?.call, taken.at(-1)?.call),
  };
  await saveCheckpoint(session.checkpointPath, session.checkpoint);
}

/** The import is complete: nothing is left to go on with. */
export async function closeSession({ checkpointPath }: ImportSession): Promise<void> {
  await removeCheckpoint(checkpointPath);
}

// A server set up anew under the old address and key, or restored from a backup, knows less than
// the checkpoint claims. Two calls sent again tell; a stranger to either gets the whole file.
async function isTrustworthy({ first, last, rejectedBytes }: Checkpoint, request: SessionRequest) {
  if (!first || !last) return false;
  if (!(await isKept(request.rejectedPath, rejectedBytes))) return false;
  return (await request.isKnown(first)) && (await request.isKnown(last));
}

const freshCheckpoint = (key: string): Checkpoint => ({
  key,
  end: { bytes: 0, lines: 0 },
  prefix: '',
  rejectedBytes: 0,
  totals: { lines: 0, accepted: 0, duplicates: 0, rejected: 0, seconds: 0 },
});

function refusals({ calls }: Batch, results: CallResult[]): Rejection[] {
  return calls.flatMap(({ line, text }, index) => {
    const result = results[index];
    if (result?.status !== 'refused') return [];
    const code = result.code ? ` (${result.code})` : '';
    return [
      { line, text, reason: `refused by the server: ${result.message ?? 'no reason'}${code}` },
    ];
  });
}

function addUp(
  { totals }: Checkpoint,
  part: { batch: Batch; results: CallResult[]; left: number; seconds: number },
) {
  const count = (status: CallResult['status']) =>
    part.results.filter((result) => result.status === status).length;
  return {
    lines: totals.lines + part.batch.calls.length + part.batch.rejections.length,
    accepted: totals.accepted + count('accepted'),
    duplicates: totals.duplicates + count('duplicate'),
    rejected: totals.rejected + part.left,
    seconds: part.seconds,
  };
}

function probes(before: Checkpoint, first: OrderCall | undefined, last: OrderCall | undefined) {
  const probe = { first: before.first ?? plain(first), last: plain(last) ?? before.last };
  return {
    ...(probe.first ? { first: probe.first } : {}),
    ...(probe.last ? { last: probe.last } : {}),
  };
}

const plain = (call: OrderCall | undefined) => (call ? { ...call } : undefined);
