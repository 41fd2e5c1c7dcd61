import type { Cursor } from '../../src/engine/changes/cursor.ts';
import type { StreamItem } from '../../src/engine/changes/followed.ts';
import type { Change, ChangeKind } from '../../src/engine/changes/kinds.ts';
import type { StreamStart } from '../../src/engine/changes/resume.ts';
import type { Tx } from '../../src/platform/database.ts';
import type { Sql } from '../../src/platform/sql.ts';
import type { Reset } from './stream-reset.ts';

declare module '../kernel/context.ts' {
  interface Services {
    /** Returns where streams begin that resume from the cursors, or new ones, in the operation's snapshot. */
    startsAfter(
      workspaceId: string,
      cursors: ReadonlyArray<Cursor | undefined>,
      tx: Tx,
    ): Promise<StreamStart[]>;
    /**
     * Reads one page of the change log, ascending, after the cursor or from the oldest change kept. `tx` is
     * the operation's own transaction, so that the page belongs to the same snapshot as the rest.
     */
    readChanges(workspaceId: string, request: ChangesRequest, tx: Tx): Promise<ChangesResult>;
  }
}

/** A change with its cursor. */
export type ChangeWithCursor = Extract<StreamItem, { change: Change }>;

export interface ChangesRequest {
  after: string | undefined;
  kinds: readonly ChangeKind[] | undefined;
  /** A condition on the change `entry`. */
  where?: Sql | undefined;
  first: number;
}

export interface ChangesPage {
  changes: ChangeWithCursor[];
  /** The position of the last change examined, returned or not. The next page starts after it. */
  cursor: string;
  hasMore: boolean;
}

export type ChangesResult = ChangesPage | Reset;
