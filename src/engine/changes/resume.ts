import type { Transaction } from '../../platform/database.ts';
import { formatCursor, parseCursor } from './cursor.ts';
import { type Head, loadRecordedAt, readHead } from './read.ts';

/** Why a stream cannot resume from a cursor. The client reads the current state and starts from `cursor`. */
export interface StreamReset {
  reason: 'UNKNOWN_LOG' | 'TOO_OLD' | 'AHEAD_OF_LOG';
  cursor: string;
  at: Date;
}

/** The position to start after and the end of the log at that time, or the reason why that is impossible. */
export type StreamStart = (Head & { head: Head; isResumed: boolean }) | { reset: StreamReset };

/**
 * The start of a stream: after the cursor, or now without one. A cursor is refused unless all changes after it are
 * available, so that there is never a silent gap.
 *
 * @throws InvalidInput if the text is not a cursor
 */
export async function resume(
  db: Transaction,
  cursor: string | undefined,
  { now, replayMs }: { now: Date; replayMs: number },
): Promise<StreamStart> {
  const after = cursor === undefined ? undefined : parseCursor(cursor);
  const head = await readHead(db);
  if (!after) return { ...head, head, isResumed: false };
  const reset = (reason: StreamReset['reason']): StreamStart => ({
    reset: { reason, cursor: formatCursor(head), at: now },
  });
  if (after.epoch !== head.epoch) return reset('UNKNOWN_LOG');
  if (after.position > head.position) return reset('AHEAD_OF_LOG');
  const next = await loadRecordedAt(db, after.position + 1n);
  if (next && next.getTime() < now.getTime() - replayMs) return reset('TOO_OLD');
  return { epoch: head.epoch, position: after.position, head, isResumed: true };
}
