import { setTimeout } from 'node:timers/promises';
import type { Database } from '../../platform/database.ts';
import type { Log } from '../../platform/log.ts';
import { isStorageUnavailable } from '../../platform/storage-errors.ts';
import { formatCursor } from './cursor.ts';
import { createFeed, type Feed } from './feed.ts';
import type { Change, ChangeKind } from './kinds.ts';
import { readChanges, readHead } from './read.ts';
import type { Start, StreamReset } from './resume.ts';
import { positionsInSegment } from './segment-at.ts';

const retryMs = 500;

export interface FollowRequest {
  /** Everything after this position is replayed first. A reset is the only item of its stream. */
  start: Start;
  kinds: readonly ChangeKind[] | undefined;
  /** Decides on the change row alone. */
  matches?: (change: Change) => boolean;
  /** Only of customers that were in this segment at the time, which the log itself is asked. */
  segmentId?: string | undefined;
}

export type Followed = { change: Change; cursor: string } | { reset: StreamReset };

/** A stream that knows how far it has looked; a stream of few changes moves on all the same. */
export interface Following<Item = Followed> extends AsyncIterableIterator<Item> {
  /**
   * The cursor of the last change examined, wanted or not. Everything wanted up to there has been handed out.
   * Undefined when there is nothing to resume from.
   */
  examined(): string | undefined;
}

/** Lets any number of readers follow the change logs of any number of workspaces. */
export interface Hub {
  /** What the cursor has missed, then live, with no gap and no repeat. It is pulled: a slow reader only lags. */
  follow(workspaceId: string, request: FollowRequest): Following;
  /** There may be news in the workspace. */
  wake(workspaceId: string): void;
  /** Looks for news wherever somebody follows: the guarantee behind the notifications. */
  poll(): Promise<void>;
  /** Breaks off every stream with an AbortError: it is not complete, and its client resumes elsewhere. */
  end(): void;
}

interface Followers {
  /** Undefined until it is needed, and again when it could not be opened. */
  feed: Promise<Feed> | undefined;
  count: number;
}

/** How far one stream has come. */
interface Progress {
  epoch: string;
  position: bigint;
}

export function createHub({ database, log }: { database: Database; log: Log }): Hub {
  const followed = new Map<string, Followers>();
  /** The streams under way. */
  const live = new Set<AbortController>();
  let hasEnded = false;

  function join(workspaceId: string): Followers {
    const followers = followed.get(workspaceId) ?? { feed: undefined, count: 0 };
    followed.set(workspaceId, followers);
    followers.count += 1;
    return followers;
  }

  function leave(workspaceId: string, followers: Followers) {
    followers.count -= 1;
    if (followers.count === 0) followed.delete(workspaceId);
  }

  function feedOf(workspaceId: string, followers: Followers): Promise<Feed> {
    followers.feed ??= openFeed(database, workspaceId).catch((error) => {
      followers.feed = undefined;
      throw error;
    });
    return followers.feed;
  }

  async function wakeFeed(followers: Followers) {
    try {
      await (await followers.feed)?.wake();
    } catch (error) {
      log.warn({ err: error }, 'The change log could not be read; trying again within a second');
    }
  }

  async function* run(
    workspaceId: string,
    request: FollowRequest,
    { leaving, progress }: { leaving: AbortController; progress: Progress | undefined },
  ): AsyncGenerator<Followed> {
    const { signal } = leaving;
    if (hasEnded) leaving.abort();
    if ('reset' in request.start) yield { reset: request.start.reset };
    if (!progress) return;
    const followers = join(workspaceId);
    live.add(leaving);
    try {
      const feed = await patiently(signal, () => feedOf(workspaceId, followers));
      while (feed) {
        const { epoch, position: after } = progress;
        const page =
          feed.recent(after) ??
          (await patiently(signal, () => readPage(database, workspaceId, after))) ??
          [];
        for (const change of await choose(database, workspaceId, { page, request, signal })) {
          signal.throwIfAborted();
          yield { change, cursor: formatCursor({ epoch, position: change.position }) };
        }
        signal.throwIfAborted();
        progress.position = page.at(-1)?.position ?? after;
        if (page.length === 0) await feed.moved(after, signal);
      }
      signal.throwIfAborted();
    } finally {
      live.delete(leaving);
      leave(workspaceId, followers);
    }
  }

  return {
    follow(workspaceId, request) {
      const leaving = new AbortController();
      const progress = 'reset' in request.start ? undefined : { ...request.start };
      const generator = run(workspaceId, request, { leaving, progress });
      const examined = () => progress && formatCursor(progress);
      return { ...interruptible(generator, leaving), examined };
    },
    wake(workspaceId) {
      const followers = followed.get(workspaceId);
      if (followers) void wakeFeed(followers);
    },
    async poll() {
      for (const followers of followed.values()) await wakeFeed(followers);
    },
    end() {
      hasEnded = true;
      for (const leaving of live) leaving.abort();
    },
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
