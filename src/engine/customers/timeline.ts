import type { Event, Prisma } from '../../../prisma/generated/client.ts';
import type { Tx } from '../../platform/database.ts';
import { emptySql, type Sql, sql } from '../../platform/sql.ts';
import type { Change } from '../changes/kinds.ts';
import { familyOf, groupByOwner, instantOfTicks, ticksOf } from './family.ts';

/**
 * The sort key of an item in the timeline. At one instant changes precede the events that caused them; changes are
 * sorted by their position in the log, events by id.
 */
export interface TimelinePosition {
  ticks: string;
  /** Set for a change. */
  position: string | undefined;
  /** Set for an event. */
  eventId: string | undefined;
}

export interface Timeline {
  owners: readonly string[];
  after: TimelinePosition | undefined;
  limit: number;
}

export interface TimelineItem {
  ownerId: string;
  sortKey: TimelinePosition;
  item: { event: Event } | { change: Change };
}

/** Loads the events and changes of customers and of those merged into them, newest first, in one statement. */
export async function readTimelines(
  tx: Tx,
  workspaceId: string,
  { owners, after, limit }: Timeline,
): Promise<Map<string, TimelineItem[]>> {
  const rows = await tx.$queryRaw<Row[]>`
    select owner.id as "ownerId", item.*, ${ticksOf(sql`item.at`)} as ticks
    from unnest(${owners}::uuid[]) as owner (id)
    cross join lateral (
      select both_kinds.* from ${familyOf(workspaceId, sql`owner.id`)} as member
      cross join lateral (
        (${changesOf(workspaceId, after, limit)}) union all (${eventsOf(workspaceId, after, limit)})
      ) as both_kinds
      order by ${newestFirst(sql`both_kinds`)} limit ${limit}
    ) as item
    order by owner.id, ${newestFirst(sql`item`)}`;
  return groupByOwner(rows.map((row) => toItem(workspaceId, row)));
}

const newestFirst = (row: Sql) =>
  sql`${row}.at desc, ${row}.position desc nulls last, ${row}."eventId" desc`;

const changesOf = (workspaceId: string, after: TimelinePosition | undefined, limit: number) => sql`
  select customer_id as "customerId", kind, at, recorded_at as "recordedAt", null::timestamptz as "reportedAt", data, position,
    null::uuid as "eventId", null as "messageId", null as name, null as effect, null as trust, null as origin,
    null::bigint as amount, null as currency, null::jsonb as context
  from change
  where workspace_id = ${workspaceId}::uuid and customer_id = member.id ${changesBelow(after)}
  order by at desc, position desc limit ${limit}`;

const eventsOf = (workspaceId: string, after: TimelinePosition | undefined, limit: number) => sql`
  select customer_id, kind, occurred_at, received_at, reported_at, properties, null::bigint,
    id, message_id, name, effect, trust, origin, amount, currency, context
  from event
  where workspace_id = ${workspaceId}::uuid and customer_id = member.id ${eventsBelow(after)}
  order by occurred_at desc, id desc limit ${limit}`;

function changesBelow(after: TimelinePosition | undefined) {
  if (!after) return emptySql;
  return after.position === undefined
    ? sql`and at < ${instantOfTicks(after.ticks)}`
    : sql`and (at, position) < (${instantOfTicks(after.ticks)}, ${after.position}::bigint)`;
}

function eventsBelow(after: TimelinePosition | undefined) {
  if (!after) return emptySql;
  return after.eventId === undefined
    ? sql`and occurred_at <= ${instantOfTicks(after.ticks)}`
    : sql`and (occurred_at, id) < (${instantOfTicks(after.ticks)}, ${after.eventId}::uuid)`;
}

interface Row
  extends Pick<Event, 'customerId' | 'kind' | 'effect' | 'amount' | 'currency' | 'context'> {
  ownerId: string;
  at: Date;
  recordedAt: Date;
  reportedAt: Date | null;
  ticks: bigint;
  data: Prisma.JsonValue;
  position: bigint | null;
  eventId: string | null;
  messageId: string | null;
  name: string | null;
  trust: string | null;
  origin: string | null;
}

function toItem(workspaceId: string, row: Row): TimelineItem {
  const sortKey = {
    ticks: row.ticks.toString(),
    position: row.position?.toString(),
    eventId: row.eventId ?? undefined,
  };
  const item =
    row.position === null ? { event: toEvent(workspaceId, row) } : { change: toChange(row) };
  return { ownerId: row.ownerId, sortKey, item };
}

const toEvent = (workspaceId: string, row: Row): Event => ({
  workspaceId,
  id: row.eventId ?? '',
  customerId: row.customerId,
  messageId: row.messageId ?? '',
  kind: row.kind,
  name: row.name ?? '',
  effect: row.effect,
  occurredAt: row.at,
  reportedAt: row.reportedAt,
  receivedAt: row.recordedAt,
  trust: row.trust ?? '',
  origin: row.origin ?? '',
  amount: row.amount,
  currency: row.currency,
  properties: row.data,
  context: row.context,
});

// `kind` and `data` were stored together from a `NewChange`.
const toChange = ({ kind, customerId, at, recordedAt, data, position }: Row) =>
  ({ kind, customerId, at, recordedAt, data, position: position ?? 0n }) as Change;
