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
 * Many subscriptions that are behind at different positions need more pages than are kept. Pages are therefore read in
 * the order of the log, again and again from its beginning, rather than in the order of the requests: subscriptions
 * gather at the page that is read and go on together, and each round reads each page once.
 */
export function createLogHistory(
  readPage: (after: bigint, upTo: bigint) => Promise<LogPage>,
): LogHistory {
  /** The entry used last is the last one. */
  const entries = new Set<Entry>();
  const queue = new Set<Entry>();
  let reading = 0;
  let lastRead = -1n;

  async function read(entry: Entry) {
    reading += 1;
    lastRead = entry.after;
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

  function readQueued() {
    while (reading < maxConcurrentReads && queue.size > 0) {
      const next = nextInOrder(queue, lastRead);
      queue.delete(next);
      void read(next);
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

/** The first page behind the last one that was read, else the first of all. */
function nextInOrder(queue: ReadonlySet<Entry>, lastRead: bigint): Entry {
  const inOrder = [...queue].sort((a, b) => Number(a.after - b.after));
  const next = inOrder.find(({ after }) => after > lastRead) ?? inOrder[0];
  if (!next) throw new Error('No page is queued');
  return next;
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
