import type { Database } from '../../platform/database.ts';
import type { Change } from './kinds.ts';
import { createLogHistory, pageSize } from './log-history.ts';
import { createLogPage, type LogPage } from './log-page.ts';
import { type Head, readChanges } from './read.ts';
import type { Interest } from './topic.ts';
import { createTopicIndex } from './topic-index.ts';

/** A workspace's log as one server follows it: each change is read and indexed once for all subscriptions. */
export interface LogTail {
  epoch: string;
  /** The position up to which changes have been read. */
  head(): bigint;
  /** A page with the changes after the position, which must be before the head. It may begin earlier. */
  pageAfter(position: bigint): Promise<LogPage>;
  /**
   * Calls `onChange` when the head moves past changes that may be of interest; there were none before `after`
   * since the last call. Returns a function that stops it.
   */
  follow(interest: Interest, onChange: (after: bigint) => void): () => void;
  /** Reads the changes after the head; calls during a read share the next one. */
  wake(): Promise<void>;
}

/** Changes that are kept in memory, at least; twice as many at most. */
const maxRecent = 4_096;
/** Pages as they were read at the head, with the topics that were looked up. */
const maxLivePages = 32;

export function createLogTail(database: Database, workspaceId: string, start: Head): LogTail {
  const index = createTopicIndex<(after: bigint) => void>();
  /** The last one ends at the head. */
  let livePages: LogPage[] = [];
  let head = start.position;
  let recent: Change[] = [];
  let reading: Promise<void> | undefined;
  let isStale = false;
  /** Came while a page was indexed, which may lack the look-ups that they need. */
  const newcomers = new Set<(after: bigint) => void>();

  const read = (after: bigint, limit: number) =>
    database.inWorkspace(workspaceId, (db) => readChanges(db, { after, limit }));

  const toPage = (after: bigint, changes: readonly Change[]) =>
    createLogPage(database, workspaceId, { after, changes });

  async function append(changes: Change[]) {
    requireDense(head, changes);
    const page = toPage(head, changes);
    const topics = await page.topics(index.lookups());
    livePages = [...livePages.slice(1 - maxLivePages), page];
    const after = head;
    head = page.upTo;
    recent.push(...changes);
    // Truncated in large steps, because each one copies the array.
    if (recent.length > 2 * maxRecent) recent = recent.slice(-maxRecent);
    for (const onChange of index.find(topics).union(newcomers)) onChange(after);
    newcomers.clear();
  }

  async function readNew() {
    do {
      isStale = false;
      const changes = await read(head, pageSize);
      if (changes.length > 0) await append(changes);
      if (changes.length === pageSize) isStale = true;
    } while (isStale);
  }

  async function readPage(after: bigint, upTo: bigint): Promise<LogPage> {
    const [first] = recent;
    const known =
      first && first.position <= after + 1n
        ? recent.slice(Number(after + 1n - first.position), Number(upTo + 1n - first.position))
        : await read(after, Number(upTo - after));
    requireDense(after, known);
    return toPage(after, known);
  }

  const history = createLogHistory(readPage);

  return {
    epoch: start.epoch,
    head: () => head,
    async pageAfter(position) {
      const [first] = livePages;
      if (!first || position < first.after) return history.pageAfter(position, head);
      const page = livePages.find(({ upTo }) => position < upTo);
      if (!page) throw new Error(`There is no change after ${position} yet`);
      return page;
    },
    follow(interest, onChange) {
      if (reading) newcomers.add(onChange);
      const remove = index.add(interest, onChange);
      return () => {
        newcomers.delete(onChange);
        remove();
      };
    },
    wake() {
      if (reading) isStale = true;
      reading ??= readNew().finally(() => {
        reading = undefined;
      });
      return reading;
    },
  };
}

/** @throws Error if a change is missing */
function requireDense(after: bigint, changes: readonly Change[]) {
  let last = after;
  for (const { position } of changes) {
    if (position !== last + 1n) {
      throw new Error(`The change log has a gap: ${position} follows ${last}`);
    }
    last = position;
  }
}
