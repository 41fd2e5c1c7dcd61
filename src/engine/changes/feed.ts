import type { Change } from './kinds.ts';

/** Reads changes once per server and workspace for all streams. Decision 0005. */
export interface Feed {
  /** The changes after a position, or undefined when they are no longer cached and must be read from the table. */
  recent(after: bigint): readonly Change[] | undefined;
  /** Resolves when there is a change after the position, or when the signal aborts. */
  waitForChange(after: bigint, signal: AbortSignal): Promise<void>;
  /** Reads the changes after the last one; calls during a read share the next one. */
  wake(): Promise<void>;
}

const cacheSize = 4_096;
const pageSize = 1_000;

export function createFeed(
  start: bigint,
  read: (after: bigint, limit: number) => Promise<Change[]>,
): Feed {
  let changes: Change[] = [];
  let head = start;
  let reading: Promise<void> | undefined;
  let isStale = false;
  const waiting = new Set<() => void>();

  function append(page: Change[]) {
    for (const change of page) {
      if (change.position !== head + 1n) {
        throw new Error(`The change log has a gap: ${change.position} follows ${head}`);
      }
      head = change.position;
      changes.push(change);
    }
    // Truncated in large steps, because each one copies the array.
    if (changes.length > 2 * cacheSize) changes = changes.slice(-cacheSize);
    for (const resolve of waiting) resolve();
  }

  async function readNew() {
    do {
      isStale = false;
      const page = await read(head, pageSize);
      if (page.length > 0) append(page);
      if (page.length === pageSize) isStale = true;
    } while (isStale);
  }

  return {
    recent(after) {
      if (after >= head) return [];
      const first = changes[0];
      if (!first || after + 1n < first.position) return undefined;
      return changes.slice(Number(after + 1n - first.position));
    },
    async waitForChange(after, signal) {
      while (head <= after && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const done = () => {
            waiting.delete(done);
            signal.removeEventListener('abort', done);
            resolve();
          };
          waiting.add(done);
          signal.addEventListener('abort', done);
        });
      }
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
