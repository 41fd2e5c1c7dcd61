import type { Database } from '../../platform/database.ts';
import type { Log } from '../../platform/log.ts';
import {
  maxRejectedEvents,
  type RejectedEvent,
  storeRejectedEvents,
} from './store-rejected-events.ts';

export interface RejectedEvents {
  /** Stores rejected events soon, in the background: accepted events neither wait for it nor fail with it. */
  record(workspaceId: string, rejected: readonly RejectedEvent[]): void;
  /** Resolves when nothing is left to store. */
  idle(): Promise<void>;
}

/** Of all workspaces, while a statement runs. Later ones are not kept, so that no sender fills the memory. */
const maxPending = 2_000;

/** One statement of a workspace runs at a time; what arrives meanwhile shares the next one. */
export function createRejectedEvents(options: { database: Database; log: Log }): RejectedEvents {
  const { database, log } = options;
  const pending = new Map<string, RejectedEvent[]>();
  const running = new Set<Promise<void>>();
  let count = 0;

  function record(workspaceId: string, rejected: readonly RejectedEvent[]) {
    const kept = rejected.slice(0, Math.min(maxPending - count, maxRejectedEvents));
    if (kept.length === 0) return;
    count += kept.length;
    const waiting = pending.get(workspaceId);
    if (waiting) return void waiting.push(...kept);
    pending.set(workspaceId, [...kept]);
    const run = drain(workspaceId).finally(() => running.delete(run));
    running.add(run);
  }

  async function drain(workspaceId: string) {
    for (;;) {
      const batch = pending.get(workspaceId)?.splice(0) ?? [];
      if (batch.length === 0) break;
      await database
        .inWorkspace(workspaceId, (db) => storeRejectedEvents(db, batch))
        .catch((error) => log.warn({ err: error }, 'Rejected events could not be stored'));
      count -= batch.length;
    }
    pending.delete(workspaceId);
  }

  return {
    record,
    idle: async () => {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}
