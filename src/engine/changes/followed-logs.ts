import type { Database } from '../../platform/database.ts';
import type { Log } from '../../platform/log.ts';
import { createLogTail, type LogTail } from './log-tail.ts';
import type { Head } from './read.ts';

/** The logs that subscriptions of this server follow, each one read once. */
export interface FollowedLogs {
  /** Follows the workspace's log, from this head if nothing follows it yet. */
  join(workspaceId: string, head: Head): LogTail;
  leave(workspaceId: string): void;
  /** Reads the workspace's log for new changes. */
  wake(workspaceId: string): void;
  /** Reads every followed log: a notification may be lost. */
  poll(): void;
}

interface FollowedLog {
  tail: LogTail;
  count: number;
}

export function createFollowedLogs({
  database,
  log,
}: {
  database: Database;
  log: Log;
}): FollowedLogs {
  const followed = new Map<string, FollowedLog>();

  function read({ tail }: FollowedLog) {
    tail.wake().catch((error) => {
      log.warn({ err: error }, 'Reading the change log failed; retrying within a second');
    });
  }

  function open(workspaceId: string, head: Head): FollowedLog {
    const opened = { tail: createLogTail(database, workspaceId, head), count: 0 };
    followed.set(workspaceId, opened);
    // Changes that were committed meanwhile have notified no follower.
    read(opened);
    return opened;
  }

  return {
    join(workspaceId, head) {
      const joined = followed.get(workspaceId) ?? open(workspaceId, head);
      joined.count += 1;
      return joined.tail;
    },
    leave(workspaceId) {
      const left = followed.get(workspaceId);
      if (!left) return;
      left.count -= 1;
      if (left.count === 0) followed.delete(workspaceId);
    },
    wake(workspaceId) {
      const woken = followed.get(workspaceId);
      if (woken) read(woken);
    },
    poll() {
      for (const one of followed.values()) read(one);
    },
  };
}
