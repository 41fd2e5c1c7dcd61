import type { Transaction } from '../../platform/database.ts';
import { type Cursor, formatCursor } from './cursor.ts';
import { type Head, loadRecordedAt, readHead } from './read.ts';

/** Why a stream cannot resume from a cursor. The client reads the current state and starts from `cursor`. */
export interface StreamReset {
  reason: 'UNKNOWN_LOG' | 'TOO_OLD' | 'AHEAD_OF_LOG';
  cursor: string;
  at: Date;
}

/** The position to start after and the end of the log at that time, or the reason why that is impossible. */
export type StreamStart = (Head & { head: Head; isResumed: boolean }) | { reset: StreamReset };

interface Retention {
  now: Date;
  replayMs: number;
}

/**
 * The starts of streams: after the cursor, or now where it is undefined. A cursor is refused unless all changes after
 * it are available, so that there is never a silent gap.
 */
export async function resume(
  db: Transaction,
  cursors: ReadonlyArray<Cursor | undefined>,
  retention: Retention,
): Promise<StreamStart[]> {
  const head = await readHead(db);
  const nextPositions = cursors.flatMap((after) => (after ? after.position + 1n : []));
  const recordedAt = await loadRecordedAt(db, nextPositions);
  return cursors.map((after) => decideStart(after, { head, recordedAt, ...retention }));
}

export async function resumeOne(
  db: Transaction,
  cursor: Cursor | undefined,
  retention: Retention,
): Promise<StreamStart> {
  const [start] = await resume(db, [cursor], retention);
  if (!start) throw new Error('A stream has no start');
  return start;
}

function decideStart(
  after: Cursor | undefined,
  {
    head,
    recordedAt,
    now,
    replayMs,
  }: Retention & { head: Head; recordedAt: ReadonlyMap<bigint, Date> },
): StreamStart {
  if (!after) return { ...head, head, isResumed: false };
  const reset = (reason: StreamReset['reason']): StreamStart => ({
    reset: { reason, cursor: formatCursor(head), at: now },
  });
  if (after.epoch !== head.epoch) return reset('UNKNOWN_LOG');
  if (after.position > head.position) return reset('AHEAD_OF_LOG');
  const next = recordedAt.get(after.position + 1n);
  if (next && next.getTime() < now.getTime() - replayMs) return reset('TOO_OLD');
  return { ...after, head, isResumed: true };
}
