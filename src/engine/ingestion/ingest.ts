import type { Trust } from '../../access/principal.ts';
import { loadWorkspaceSettings, type WorkspaceSettings } from '../../access/workspaces.ts';
import type { Database } from '../../platform/database.ts';
import type { PlaceholderIds } from '../../platform/placeholder-ids.ts';
import { secondsSince } from '../../platform/time/seconds-since.ts';
import { maxSum } from '../customers/money-sum.ts';
import type { EvaluationWork } from '../evaluation/evaluation-work.ts';
import type { Event, EventKind, EventResult } from './event.ts';
import { createGroupCommit } from './group-commit.ts';
import { parseEvent } from './parse-event.ts';
import type { RejectedEvents } from './rejected-events.ts';
import { type StoredStatus, storeEvents } from './store-in-attempts.ts';
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

  const group = createGroupCommit<Event, StoredStatus>({
    gatherMs,
    maxItems: maxEventsPerTransaction,
    maxBacklog: options.maxBacklog,
    commit: async (workspaceId, events) => {
      const settings = await settingsOf(workspaceId);
      const startedAt = performance.now();
      const { statuses, evaluation } = await storeEvents(database, workspaceId, {
        settings,
        events,
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
    const results = parsed.map((item) =>
      'status' in item ? item : toResult(item, statuses.next().value ?? 'accepted'),
    );
    options.rejected?.record(workspaceId, rejectedOf(results, calls, sent));
    return results;
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

const toResult = ({ messageId }: Event, status: StoredStatus): EventResult =>
  status === 'too large'
    ? { status: 'refused', messageId, code: 'SUM_TOO_LARGE', message: sumTooLarge }
    : { status, messageId };

const sumTooLarge = `properties: with this amount, the sum of the customer's orders or refunds in its currency would exceed ${maxSum} minor units; correct the amount`;

const rejectedOf = (
  results: readonly EventResult[],
  calls: readonly unknown[],
  { now, keyId }: IngestContext,
): RejectedEvent[] =>
  results.flatMap((item, index) =>
    item.status === 'refused'
      ? [{ ...item, receivedAt: now, keyId: keyId ?? null, ...toRejectedText(calls[index]) }]
      : [],
  );
