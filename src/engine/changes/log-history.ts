import type { LogPage } from './log-page.ts';

/** Pages of a log that are read again, for subscriptions that are behind. */
export interface LogHistory {
  /** A page with the changes after the position, which must be before the head. It may begin earlier. */
  pageAfter(position: bigint, head: bigint): Promise<LogPage>;
}

interface Entry {
  after: bigint;
  upTo: bigint;
  page: PromiseWithResolvers<LogPage>;
  isLoaded: boolean;
}

/** Pages begin at multiples of it, so that subscriptions at different positions share them. */
export const pageSize = 256;
const maxPages = 32;
/** So that the readers of history leave connections to those of the present. */
const maxConcurrentReads = 2;

/**
 * Many subscriptions that are behind at different positions need more pages than are kept. If pages were read in the
 * order of the requests only, each subscription would go on alone, and pages would be read again for each of them. Every
 * other read is therefore for the one that is furthest behind: it catches up with the next one, and they go on together.
 */
export function createLogHistory(
  readPage: (after: bigint, upTo: bigint) => Promise<LogPage>,
): LogHistory {
  /** The entry used last is the last one. */
  const entries = new Set<Entry>();
  const queue = new Set<Entry>();
  let reading = 0;
  /** Whether the next read is for the subscription that is furthest behind, or for the one that has waited longest. */
  let isForFurthest = true;

  async function read(entry: Entry) {
    reading += 1;
    try {
      entry.page.resolve(await readPage(entry.after, entry.upTo));
      entry.isLoaded = true;
      evict();
    } catch (error) {
      entries.delete(entry);
      entry.page.reject(error);
    }
    reading -= 1;
    readQueued();
  }

  function takeNext(): Entry | undefined {
    const [longestWaiting] = queue;
    const next = isForFurthest ? firstInLog(queue) : longestWaiting;
    isForFurthest = !isForFurthest;
    if (next) queue.delete(next);
    return next;
  }

  function readQueued() {
    while (reading < maxConcurrentReads && queue.size > 0) {
      const next = takeNext();
      if (next) void read(next);
    }
  }

  /** Pages that are waited for are kept. */
  function evict() {
    const loaded = [...entries].filter(({ isLoaded }) => isLoaded);
    for (const entry of loaded.slice(0, -maxPages)) entries.delete(entry);
  }

  return {
    pageAfter(position, head) {
      const entry = find(entries, position) ?? createEntry(entries, position, head);
      if (!entries.delete(entry)) queue.add(entry);
      entries.add(entry);
      readQueued();
      return entry.page.promise;
    },
  };
}

function firstInLog(queue: ReadonlySet<Entry>): Entry | undefined {
  let first: Entry | undefined;
  for (const entry of queue) {
    if (!first || entry.after < first.after) first = entry;
  }
  return first;
}

function find(entries: Iterable<Entry>, position: bigint): Entry | undefined {
  for (const entry of entries) {
    if (entry.after <= position && position < entry.upTo) return entry;
  }
  return undefined;
}

/** The last page is incomplete. When the head has moved, another one continues it. */
function createEntry(entries: Iterable<Entry>, position: bigint, head: bigint): Entry {
  let after = position - (position % BigInt(pageSize));
  const end = after + BigInt(pageSize);
  const upTo = end < head ? end : head;
  for (const entry of entries) {
    if (entry.upTo <= position && entry.upTo > after) after = entry.upTo;
  }
  return { after, upTo, page: Promise.withResolvers(), isLoaded: false };
}
