import { setTimeout } from 'node:timers/promises';
import type { Database } from '../../platform/database.ts';
import type { Log } from '../../platform/log.ts';
import type { Sql } from '../../platform/sql.ts';
import { isStorageUnavailable } from '../../platform/storage-errors.ts';
import { formatCursor } from './cursor.ts';
import { createFeed, type Feed } from './feed.ts';
import type { Change, ChangeKind } from './kinds.ts';
import { readChanges, readHead, selectPositions } from './read.ts';
import type { StreamReset, StreamStart } from './resume.ts';

const retryMs = 500;

export interface FollowRequest {
  /** Everything after this position is replayed first. A reset is the only item of its stream. */
  start: StreamStart;
  kinds: readonly ChangeKind[] | undefined;
  /** A predicate on the change. */
  matches?: (change: Change) => boolean;
  /** A condition on the change `entry`, decided by the database. */
  where?: Sql | undefined;
}

export type StreamItem = { change: Change; cursor: string } | { reset: StreamReset };

/** A stream with its position, which moves on even where few changes are requested. */
export interface ChangeStream<Item = StreamItem> extends AsyncIterableIterator<Item> {
  /**
   * The cursor of the last change examined, requested or not. All requested changes up to there have been
   * delivered. Undefined when there is nothing to resume from.
   */
  examined(): string | undefined;
  /** Resolves once all changes there were have been delivered; may never resolve for a stream that ends before. */
  caughtUp: Promise<void>;
}

/** Streams the change logs of any number of workspaces to any number of readers. */
export interface Hub {
  /** The changes after the cursor, then live ones, without gap or repeat. A slow reader only lags: it pulls. */
  follow(workspaceId: string, request: FollowRequest): ChangeStream;
  /** Reads the workspace's log for new changes. */
  wake(workspaceId: string): void;
  /** Reads every followed log: a notification may be lost. */
  poll(): Promise<void>;
  /** Ends every stream with an AbortError: it is incomplete, and its client resumes elsewhere. */
  end(): void;
}

interface FollowedLog {
  /** Undefined before the first use, and after it failed to open. */
  feed: Promise<Feed> | undefined;
  count: number;
}

/** The position of one stream. */
interface Progress {
  epoch: string;
  position: bigint;
}

interface RunOptions {
  leaving: AbortController;
  progress: Progress | undefined;
  onCaughtUp(): void;
}

export function createHub({ database, log }: { database: Database; log: Log }): Hub {
  const followed = new Map<string, FollowedLog>();
  /** The open streams. */
  const live = new Set<AbortController>();
  let hasEnded = false;

  function join(workspaceId: string): FollowedLog {
    const followers = followed.get(workspaceId) ?? { feed: undefined, count: 0 };
    followed.set(workspaceId, followers);
    followers.count += 1;
    return followers;
  }

  function leave(workspaceId: string, followers: FollowedLog) {
    followers.count -= 1;
    if (followers.count === 0) followed.delete(workspaceId);
  }

  function feedOf(workspaceId: string, followers: FollowedLog): Promise<Feed> {
    followers.feed ??= openFeed(database, workspaceId).catch((error) => {
      followers.feed = undefined;
      throw error;
    });
    return followers.feed;
  }

  async function wakeFeed(followers: FollowedLog) {
    try {
      await (await followers.feed)?.wake();
    } catch (error) {
      log.warn({ err: error }, 'Reading the change log failed; retrying within a second');
    }
  }

  async function* run(
    workspaceId: string,
    request: FollowRequest,
    { leaving, progress, onCaughtUp }: RunOptions,
  ): AsyncGenerator<StreamItem> {
    const { signal } = leaving;
    if (hasEnded) leaving.abort();
    if ('reset' in request.start) yield { reset: request.start.reset };
    if (!progress) return;
    const followers = join(workspaceId);
    live.add(leaving);
    try {
      const feed = await retryWhileUnavailable(signal, () => feedOf(workspaceId, followers));
      while (feed) {
        const { epoch, position: after } = progress;
        const page =
          feed.recent(after) ??
          (await retryWhileUnavailable(signal, () => readPage(database, workspaceId, after))) ??
          [];
        for (const change of await selectRequested(database, workspaceId, {
          page,
          request,
          signal,
        })) {
          signal.throwIfAborted();
          yield { change, cursor: formatCursor({ epoch, position: change.position }) };
        }
        signal.throwIfAborted();
        progress.position = page.at(-1)?.position ?? after;
        if (page.length > 0) continue;
        onCaughtUp();
        await feed.waitForChange(after, signal);
      }
      signal.throwIfAborted();
    } finally {
      onCaughtUp();
      live.delete(leaving);
      leave(workspaceId, followers);
    }
  }

  return {
    follow(workspaceId, request) {
      const leaving = new AbortController();
      const progress = 'reset' in request.start ? undefined : { ...request.start };
      const { promise: caughtUp, resolve: onCaughtUp } = Promise.withResolvers<void>();
      const generator = run(workspaceId, request, { leaving, progress, onCaughtUp });
      const examined = () => progress && formatCursor(progress);
      return { ...interruptible(generator, leaving), examined, caughtUp };
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

/** The requested changes of a page, in order. */
async function selectRequested(
  database: Database,
  workspaceId: string,
  {
    page,
    request,
    signal,
  }: { page: readonly Change[]; request: FollowRequest; signal: AbortSignal },
): Promise<readonly Change[]> {
  const candidates = page.filter((change) => isRequested(change, request));
  const { where } = request;
  if (where === undefined || candidates.length === 0) return candidates;
  const positions = candidates.map(({ position }) => position);
  const matching = await retryWhileUnavailable(signal, () =>
    database.inWorkspace(workspaceId, (db) => selectPositions(db, { where, positions })),
  );
  return candidates.filter(({ position }) => matching?.has(position));
}

const isRequested = (change: Change, { kinds, matches }: FollowRequest) =>
  (kinds?.includes(change.kind) ?? true) && (matches?.(change) ?? true);

const openFeed = (database: Database, workspaceId: string) =>
  database.inWorkspace(workspaceId, async (db) => {
    const { position } = await readHead(db);
    return createFeed(position, (after, limit) => readPage(database, workspaceId, after, limit));
  });

const readPage = (database: Database, workspaceId: string, after: bigint, limit = 500) =>
  database.inWorkspace(workspaceId, (db) => readChanges(db, { after, limit }));

/**
 * A stream survives an outage of the database and continues where it was. Returns undefined when the signal
 * aborts.
 */
async function retryWhileUnavailable<T>(
  signal: AbortSignal,
  read: () => Promise<T>,
): Promise<T | undefined> {
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

/** A generator cannot return while it waits, so it is woken first. */
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
