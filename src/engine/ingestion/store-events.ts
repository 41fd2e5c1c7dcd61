import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import type { Event } from './event.ts';

/** An event with the customer it is recorded for. */
export interface OwnedEvent {
  event: Event;
  customerId: string;
}

/** Finds the ids of messages that are stored already. */
export async function findStoredMessages(
  db: Transaction,
  messageIds: string[],
): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>(sql`
    select message_id as id from event
      where workspace_id = ${db.workspaceId} and message_id = any(${messageIds}::text[])`);
  return new Set(rows.map(({ id }) => id));
}

/** Some of the messages are stored already. Find which, and store only the others. */
export class DuplicateMessages extends Error {}

/**
 * Stores events in the order given. Returns their arrival numbers by id; a later event of the workspace always has a
 * greater number.
 *
 * @throws DuplicateMessages: the transaction must be rolled back
 */
export async function insertEvents(
  db: Transaction,
  owned: OwnedEvent[],
): Promise<Map<string, string>> {
  if (owned.length === 0) return new Map();
  const json = JSON.stringify(owned.map(toRow));
  const { rows } = await db.query<{ id: string; arrival: string }>(sql`
    insert into event (workspace_id, id, customer_id, message_id, kind, name, effect, occurred_at,
      reported_at, received_at, trust, origin, amount, currency, counts, counted_effect,
      counted_until, properties, corrected, context)
    select ${db.workspaceId}, id, customer_id, message_id, kind, name, effect, occurred_at, reported_at,
      received_at, trust, origin, amount, currency, counts, counted_effect, counted_until, properties, corrected, context
    from jsonb_to_recordset(${json}) as row (id uuid, customer_id uuid, message_id text, kind text,
      name text, effect text, occurred_at timestamptz, reported_at timestamptz, received_at timestamptz,
      trust text, origin text, amount bigint, currency text, counts boolean, counted_effect text,
      counted_until timestamptz, properties jsonb, corrected jsonb, context jsonb)
    on conflict (workspace_id, message_id) do nothing
    returning id, arrival`);
  if (rows.length !== owned.length) throw new DuplicateMessages();
  return new Map(rows.map(({ id, arrival }) => [id, arrival]));
}

const toRow = ({ event, customerId }: OwnedEvent) => ({
  id: event.id,
  customer_id: customerId,
  message_id: event.messageId,
  kind: event.kind,
  name: event.name,
  effect: event.effect,
  occurred_at: event.occurredAt,
  reported_at: event.reportedAt,
  received_at: event.receivedAt,
  trust: event.trust,
  origin: event.origin,
  amount: event.amount === null ? null : String(event.amount),
  currency: event.currency,
  counts: event.counts,
  counted_effect: event.countedEffect,
  counted_until: event.countedUntil,
  properties: event.properties,
  corrected: event.corrected,
  context: event.context,
});
