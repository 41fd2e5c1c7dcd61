import type { ChangesRequest, ChangesResult } from '../../../schema/changes/services.ts';
import { formatCursor, parseCursor } from '../../engine/changes/cursor.ts';
import { readChanges, readHead } from '../../engine/changes/read.ts';
import { resumeOne } from '../../engine/changes/resume.ts';
import { sqlThrough, type Tx } from '../../platform/database.ts';

/** Reads one page of the change log in the snapshot of a query. */
export async function readPage(
  tx: Tx,
  workspaceId: string,
  { after, kinds, where, first }: ChangesRequest,
  retention: { now: Date; replayMs: number },
): Promise<ChangesResult> {
  const db = sqlThrough(tx, workspaceId);
  const cursor = after === undefined ? undefined : parseCursor(after);
  const start = await resumeOne(db, cursor, retention);
  if ('reset' in start) return start;
  const { epoch } = start;
  const from = after === undefined ? 0n : start.position;
  const request = { after: from, kinds, where, limit: first + 1 };
  const page = await readChanges(db, request);
  const changes = page.slice(0, first).map((change) => ({
    change,
    cursor: formatCursor({ epoch, position: change.position }),
  }));
  const hasMore = page.length > first;
  // The last page has examined everything up to the head, also changes of other kinds.
  const last = hasMore ? page[first - 1]?.position : (await readHead(db)).position;
  return { changes, cursor: formatCursor({ epoch, position: last ?? from }), hasMore };
}
