import type { Trust } from '../../access/principal.ts';
import { loadWorkspaceSettings, type WorkspaceSettings } from '../../access/workspaces.ts';
import type { Database, Transaction } from '../../platform/database.ts';
import type { PlaceholderIds } from '../../platform/placeholder-ids.ts';
import { secondsSince } from '../../platform/time/seconds-since.ts';
import { lockWorkspace } from '../../platform/workspace-lock.ts';
import type { EvaluationWork } from '../evaluation/evaluation-work.ts';
import { applyEvents } from './apply-events.ts';
import type { Event, EventKind, EventResult, RefusedEvent } from './event.ts';
import { createGroupCommit } from './group-commit.ts';
import { parseEvent } from './parse-event.ts';
import type { RejectedEvents } from './rejected-events.ts';
import { DuplicateMessages, findStoredMessages } from './store-events.ts';
import { type RejectedEvent, toRejectedText } from './store-rejected-events.ts';

export interface Ingest {
  /**
   * Ingests tracking calls. Resolves when all accepted events are stored and applied, with one result for each call,
   * in order. An invalid call does not affect the others.
   *
   * @throws Overloaded if the backlog is full; StorageUnavailable if the database cannot be reached
   */
  ingest(
    workspaceId: string,
    calls: readonly unknown[],
    sent: IngestContext,
  ): Promise<EventResult[]>;
  /** Resolves when all calls have been answered and the rejected ones are stored. */
  idle(): Promise<void>;
  /** The number of events that wait for their transaction or its commit. */
  backlog(): number;
}

/** Is told what an ingest did, for monitoring. */
export interface IngestObserver {
  /** A transaction has committed; `seconds` include those of the evaluation. */
  committed(commit: { seconds: number; evaluation: EvaluationWork }): void;
  answered(results: readonly EventResult[]): void;
  /** A request of some calls failed as a whole. */
  failed(calls: number, error: unknown): void;
}

export interface IngestContext {
  now: Date;
  /** `sentAt` of the whole batch. */
  batchSentAt?: string | undefined;
  /** The type of every call, if the route determines it. */
  kind?: EventKind | undefined;
  /** `SERVER` by default, for calls from inside the server. */
  trust?: Trust | undefined;
  /** The key that sent the calls. */
  keyId?: string | undefined;
}

/** How long the first request of a group waits for others. */
const gatherMs = 2;
const maxEventsPerTransaction = 2_000;

type AcceptedStatus = 'accepted' | 'duplicate';

export function createIngest(options: {
  database: Database;
  maxEventBytes: number;
  placeholderIds: PlaceholderIds;
  maxBacklog: number;
  /** Keeps what was refused. If absent, nothing does. */
  rejected?: RejectedEvents;
  observer?: IngestObserver;
}): Ingest {
  const { database, observer } = options;
  const settingsCache = new Map<string, WorkspaceSettings>();

  async function settingsOf(workspaceId: string) {
    const known = settingsCache.get(workspaceId);
    if (known) return known;
    const loaded = await database.inWorkspace(workspaceId, (db) => loadWorkspaceSettings(db));
    settingsCache.set(workspaceId, loaded);
    return loaded;
  }

  const group = createGroupCommit<Event, AcceptedStatus>({
    gatherMs,
    maxItems: maxEventsPerTransaction,
    maxBacklog: options.maxBacklog,
    commit: async (workspaceId, events) => {
      const settings = await settingsOf(workspaceId);
      const startedAt = performance.now();
      const store = (find: typeof findStoredMessages) =>
        database.inWorkspace(workspaceId, (db) => storeNewEvents(db, settings, events, find));
      // Few batches repeat a message, and looking up each one beforehand was an eighth of the work.
      const { statuses, evaluation } = await store(async () => new Set()).catch((error) => {
        if (error instanceof DuplicateMessages) return store(findStoredMessages);
        throw error;
      });
      observer?.committed({ seconds: secondsSince(startedAt), evaluation });
      return statuses;
    },
  });

  async function ingest(
    workspaceId: string,
    calls: readonly unknown[],
    sent: IngestContext,
  ): Promise<EventResult[]> {
    const { trust = 'SERVER' } = sent;
    const { currency } = await settingsOf(workspaceId);
    const { placeholderIds, maxEventBytes: maxBytes } = options;
    const rules = { ...sent, trust, currency, placeholderIds, maxBytes };
    const parsed = calls.map((call) => parseEvent(call, rules));
    const events = parsed.filter((item): item is Event => !('status' in item));
    const statuses = (await group.submit(workspaceId, events)).values();
    options.rejected?.record(workspaceId, rejectedOf(parsed, calls, sent));
    return parsed.map((item) =>
      'status' in item
        ? item
        : { status: statuses.next().value ?? 'accepted', messageId: item.messageId },
    );
  }

  return {
    async idle() {
      await group.idle();
      await options.rejected?.idle();
    },
    backlog: group.backlog,
    async ingest(workspaceId, calls, sent) {
      try {
        const results = await ingest(workspaceId, calls, sent);
        observer?.answered(results);
        return results;
      } catch (error) {
        observer?.failed(calls.length, error);
        throw error;
      }
    },
  };
}

const rejectedOf = (
  parsed: ReadonlyArray<Event | RefusedEvent>,
  calls: readonly unknown[],
  { now, keyId }: IngestContext,
): RejectedEvent[] =>
  parsed.flatMap((item, index) =>
    'status' in item
      ? [{ ...item, receivedAt: now, keyId: keyId ?? null, ...toRejectedText(calls[index]) }]
      : [],
  );

/** Skips events that are stored already; stores and applies the others. */
async function storeNewEvents(
  db: Transaction,
  settings: WorkspaceSettings,
  events: Event[],
  find: typeof findStoredMessages,
): Promise<{ statuses: AcceptedStatus[]; evaluation: EvaluationWork }> {
  lockWorkspace(db);
  const messageIds = events.map(({ messageId }) => messageId);
  const seen = await find(db, messageIds);
  const statuses = messageIds.map((messageId): AcceptedStatus => {
    if (seen.has(messageId)) return 'duplicate';
    seen.add(messageId);
    return 'accepted';
  });
  const fresh = events.filter((_, index) => statuses[index] === 'accepted');
  const now = fresh.at(-1)?.receivedAt ?? new Date(0);
  const evaluation = await applyEvents(db, settings, fresh, now);
  return { statuses, evaluation };
}
