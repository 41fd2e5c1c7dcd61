import type { WorkspaceSettings } from '../../access/workspaces.ts';
import type { Database, Transaction } from '../../platform/database.ts';
import { lockWorkspace } from '../../platform/workspace-lock.ts';
import type { EvaluationWork } from '../evaluation/evaluation-work.ts';
import { applyEvents, SumsTooLarge } from './apply-events.ts';
import type { Event } from './event.ts';
import { DuplicateMessages, findStoredMessages } from './store-events.ts';

/** What became of a valid event. */
export type StoredStatus = 'accepted' | 'duplicate' | 'too large';

interface StoredEvents {
  statuses: StoredStatus[];
  evaluation: EvaluationWork;
}

/** How events are stored: how stored messages are found, and which events are left out. */
interface StoreAttempt {
  find: typeof findStoredMessages;
  tooLarge: ReadonlySet<string>;
}

interface NewEvents {
  settings: WorkspaceSettings;
  events: Event[];
}

/**
 * Stores and applies events in one transaction, except those that are stored already and those that would raise a sum
 * of money beyond the maximum. It is repeated with what the attempt before has found out; each finds out something new.
 */
export async function storeEvents(
  database: Database,
  workspaceId: string,
  given: NewEvents,
): Promise<StoredEvents> {
  // Few batches repeat a message, and looking up each one beforehand was an eighth of the work.
  let attempt: StoreAttempt = { find: async () => new Set(), tooLarge: new Set() };
  for (;;) {
    try {
      return await database.inWorkspace(workspaceId, (db) => storeNewEvents(db, given, attempt));
    } catch (error) {
      attempt = nextAttempt(attempt, error);
    }
  }
}

function nextAttempt(attempt: StoreAttempt, error: unknown): StoreAttempt {
  if (error instanceof SumsTooLarge) {
    return { ...attempt, tooLarge: new Set([...attempt.tooLarge, ...error.eventIds]) };
  }
  if (error instanceof DuplicateMessages && attempt.find !== findStoredMessages) {
    return { ...attempt, find: findStoredMessages };
  }
  throw error;
}

async function storeNewEvents(
  db: Transaction,
  { settings, events }: NewEvents,
  { find, tooLarge }: StoreAttempt,
): Promise<StoredEvents> {
  lockWorkspace(db);
  const seen = await find(
    db,
    events.map(({ messageId }) => messageId),
  );
  const statuses = events.map(({ id, messageId }): StoredStatus => {
    if (seen.has(messageId)) return 'duplicate';
    if (tooLarge.has(id)) return 'too large';
    seen.add(messageId);
    return 'accepted';
  });
  const fresh = events.filter((_, index) => statuses[index] === 'accepted');
  const now = fresh.at(-1)?.receivedAt ?? new Date(0);
  const evaluation = await applyEvents(db, settings, fresh, now);
  return { statuses, evaluation };
}
