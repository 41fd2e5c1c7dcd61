import { loadWorkspaceSettings, type WorkspaceSettings } from '../../access/workspaces.ts';
import type { Database, Transaction } from '../../platform/database.ts';
import { lockWorkspace } from '../../platform/workspace-lock.ts';
import { applyEvents } from './apply-events.ts';
import type { Event, EventKind, EventResult } from './event.ts';
import { createGroupCommit } from './group-commit.ts';
import { parseEvent } from './parse-event.ts';
import { DuplicateMessages, findStoredMessages } from './store-events.ts';

export interface Ingest {
  /**
   * Takes tracking calls as received and answers once all that is acknowledged is stored and applied:
   * one result per call, in order. A bad call costs only itself.
   *
   * @throws Overloaded when too much is waiting; StorageUnavailable when the database cannot be reached
   */
  ingest(
    workspaceId: string,
    calls: readonly unknown[],
    sent: IngestContext,
  ): Promise<EventResult[]>;
  /** Resolves when everything taken in so far has been answered. */
  idle(): Promise<void>;
  /** Whether events are being taken in right now. */
  isBusy(): boolean;
}

export interface IngestContext {
  now: Date;
  /** `sentAt` of the whole batch, if the sender gave one. */
  batchSentAt?: string | undefined;
  /** The type of every call, if the route says it. */
  kind?: EventKind | undefined;
}

/** How long the first request of a group waits for others, and how many events one transaction takes. */
const gatherMs = 2;
const maxEventsPerTransaction = 2_000;

type AcceptedStatus = 'accepted' | 'duplicate';

export function createIngest(options: {
  database: Database;
  maxEventBytes: number;
  maxBacklog: number;
}): Ingest {
  const { database } = options;
  const settings = new Map<string, WorkspaceSettings>();

  async function settingsOf(workspaceId: string) {
    const known = settings.get(workspaceId);
    if (known) return known;
    const loaded = await database.inWorkspace(workspaceId, (db) => loadWorkspaceSettings(db));
    settings.set(workspaceId, loaded);
    return loaded;
  }

  const group = createGroupCommit<Event, AcceptedStatus>({
    gatherMs,
    maxItems: maxEventsPerTransaction,
    maxBacklog: options.maxBacklog,
    commit: async (workspaceId, events) => {
      const its = await settingsOf(workspaceId);
      const store = (find: typeof findStoredMessages) =>
        database.inWorkspace(workspaceId, (db) => storeNewEvents(db, its, events, find));
      // Hardly any batch repeats a message: looking each one up beforehand was an eighth of the work.
      return store(async () => new Set()).catch((error) => {
        if (error instanceof DuplicateMessages) return store(findStoredMessages);
        throw error;
      });
    },
  });

  return {
    idle: group.idle,
    isBusy: group.isBusy,
    async ingest(workspaceId, calls, { now, batchSentAt, kind }) {
      const { currency } = await settingsOf(workspaceId);
      const rules = { now, batchSentAt, kind, currency, maxBytes: options.maxEventBytes };
      const parsed = calls.map((call) => parseEvent(call, rules));
      const events = parsed.filter((item): item is Event => !('status' in item));
      const outcomes = (await group.submit(workspaceId, events)).values();
      return parsed.map((item) =>
        'status' in item
          ? item
          : { status: outcomes.next().value ?? 'accepted', messageId: item.messageId },
      );
    },
  };
}

/** Drops what was taken in before, stores and applies the rest. */
async function storeNewEvents(
  db: Transaction,
  settings: WorkspaceSettings,
  events: Event[],
  find: typeof findStoredMessages,
): Promise<AcceptedStatus[]> {
  lockWorkspace(db);
  const messageIds = events.map(({ messageId }) => messageId);
  const seen = await find(db, messageIds);
  const outcomes = messageIds.map((messageId): AcceptedStatus => {
    if (seen.has(messageId)) return 'duplicate';
    seen.add(messageId);
    return 'accepted';
  });
  const fresh = events.filter((_, index) => outcomes[index] === 'accepted');
  const now = fresh.at(-1)?.receivedAt ?? new Date(0);
  await applyEvents(db, settings, fresh, now);
  return outcomes;
}
