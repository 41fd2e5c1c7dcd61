import { setTimeout } from 'node:timers/promises';
import type { Database } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';
import { isStorageUnavailable } from '../platform/storage-errors.ts';
import { formatCursor, parseCursor } from './cursor.ts';
import { createFeed, type Feed } from './feed.ts';
import type { Change, ChangeKind } from './kinds.ts';
import { readChanges, readHead } from './read.ts';
import { resume, type StreamReset } from './resume.ts';
import { positionsInSegment } from './segment-at.ts';

const retryMs = 500;

export interface FollowRequest {
  /** Everything after this cursor is replayed first; from now on when absent. */
  after: string | undefined;
  kinds: readonly ChangeKind[] | undefined;
  /** Decides on the change row alone. */
  matches?: (change: Change) => boolean;
  /** Only of customers that were in this segment at the time, which the log itself is asked. */
  segmentId?: string | undefined;
}

export type Followed = { change: Change; cursor: string } | { reset: StreamReset };

/** Lets any number of readers follow the change logs of any number of workspaces. */
export interface Hub {
  /** What the cursor has missed, then live, with no gap and no repeat. It is pulled: a slow reader only lags. */
  follow(workspaceId: string, request: FollowRequest): AsyncIterableIterator<Followed>;
  /** There may be news in the workspace. */
  wake(workspaceId: string): void;
  /** Looks for news wherever somebody follows: the guarantee behind the notifications. */
  poll(): Promise<void>;
  /** Ends every stream. */
  end(): void;
}

interface Followers {
  feed: Promise<Feed>;
  count: number;
}

export function createHub(options: {
  database: Database;
  log: Log;
  now: () => Date;
  replayMs: number;
}): Hub {
  const { database, log, now, replayMs } = options;
  const followed = new Map<string, Followers>();
  const ending = new AbortController();

  function join(workspaceId: string): Followers {
    const followers = followed.get(workspaceId) ?? {
      feed: openFeed(database, workspaceId),
      count: 0,
    };
    followed.set(workspaceId, followers);
    followers.count += 1;
    return followers;
  }

  function leave(workspaceId: string, followers: Followers) {
    followers.count -= 1;
    if (followers.count === 0) followed.delete(workspaceId);
  }

  async function wakeFeed(followers: Followers) {
    try {
      await (await followers.feed).wake();
    } catch (error) {
      log.warn({ err: error }, 'The change log could not be read; trying again within a second');
    }
  }

  async function* run(workspaceId: string, request: FollowRequest, signal: AbortSignal) {
    const followers = join(workspaceId);
    try {
      const feed = await followers.feed;
      const after = request.after === undefined ? undefined : parseCursor(request.after);
      const start = await database.inWorkspace(workspaceId, (sql) =>
        resume(sql, workspaceId, after, { now: now(), replayMs }),
      );
      if ('reset' in start) {
        yield { reset: start.reset };
        return;
      }
      let { position } = start;
      while (!signal.aborted) {
        const after = position;
        const page =
          feed.recent(after) ??
          (await patiently(signal, () => readPage(database, workspaceId, after))) ??
          [];
        for (const change of await choose(database, workspaceId, { page, request, signal })) {
          if (signal.aborted) return;
          const { position: at } = change;
          yield { change, cursor: formatCursor({ epoch: start.epoch, position: at }) };
        }
        position = page.at(-1)?.position ?? position;
        if (page.length === 0) await feed.moved(position, signal);
      }
    } finally {
      leave(workspaceId, followers);
    }
  }

  return {
    follow(workspaceId, request) {
      const leaving = new AbortController();
      const signal = AbortSignal.any([leaving.signal, ending.signal]);
      return interruptible(run(workspaceId, request, signal), leaving);
    },
    wake(workspaceId) {
      const followers = followed.get(workspaceId);
      if (followers) void wakeFeed(followers);
    },
    async poll() {
      for (const followers of followed.values()) await wakeFeed(followers);
    },
    end: () => ending.abort(),
  };
}

/** What is wanted of a page, in order. */
async function choose(
  database: Database,
  workspaceId: string,
  asked: { page: readonly Change[]; request: FollowRequest; signal: AbortSignal },
): Promise<readonly Change[]> {
  const { page, request, signal } = asked;
  const wanted = page.filter((change) => isWanted(change, request));
  const { segmentId } = request;
  if (segmentId === undefined || wanted.length === 0) return wanted;
  const positions = wanted.map(({ position }) => position);
  const inSegment = await patiently(signal, () =>
    database.inWorkspace(workspaceId, (sql) =>
      positionsInSegment(sql, workspaceId, { segmentId, positions }),
    ),
  );
  return wanted.filter(({ position }) => inSegment?.has(position));
}

const isWanted = (change: Change, { kinds, matches }: FollowRequest) =>
  (kinds?.includes(change.kind) ?? true) && (matches?.(change) ?? true);

const openFeed = (database: Database, workspaceId: string) =>
  database.inWorkspace(workspaceId, async (sql) => {
    const { position } = await readHead(sql, workspaceId);
    return createFeed(position, (after, limit) => readPage(database, workspaceId, after, limit));
  });

const readPage = (database: Database, workspaceId: string, after: bigint, limit = 500) =>
  database.inWorkspace(workspaceId, (sql) => readChanges(sql, workspaceId, { after, limit }));

/**
 * A stream outlives an outage of the database: it goes on where it was once that is over. Undefined when
 * the signal aborts.
 */
async function patiently<T>(signal: AbortSignal, read: () => Promise<T>): Promise<T | undefined> {
  while (!signal.aborted) {
    try {
      return await read();
    } catch (error) {
      if (!isStorageUnavailable(error)) throw error;
      await setTimeout(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}

/** A generator that waits cannot be returned from; this one is woken first. */
function interruptible<T>(
  generator: AsyncGenerator<T>,
  leaving: AbortController,
): AsyncIterableIterator<T> {
  return {
    next: () => generator.next(),
    return: () => {
      leaving.abort();
      return generator.return(undefined);
    },
    throw: (error) => {
      leaving.abort();
      return generator.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
