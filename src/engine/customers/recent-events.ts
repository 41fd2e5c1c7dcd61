import type { Event } from '../../../prisma/generated/client.ts';
import type { Tx } from '../../platform/database.ts';
import { emptySql, sql } from '../../platform/sql.ts';
import { familyOf, groupByOwner, instantOfTicks, ticksOf } from './family.ts';

export interface RecentEvents {
  owners: readonly string[];
  /** Only events older than this one: its microseconds and its id. */
  after: { ticks: string; id: string } | undefined;
  limit: number;
}

export interface RecentEvent extends Event {
  ownerId: string;
  ticks: bigint;
}

/**
 * Loads the newest events of customers, including those of customers merged into them, in one statement. Reads at most
 * `limit` rows of each customer from the index.
 */
export async function recentEvents(
  tx: Tx,
  workspaceId: string,
  { owners, after, limit }: RecentEvents,
): Promise<Map<string, RecentEvent[]>> {
  const older = after
    ? sql`and (occurred_at, id) < (${instantOfTicks(after.ticks)}, ${after.id}::uuid)`
    : emptySql;
  const rows = await tx.$queryRaw<RecentEvent[]>`
    select owner.id as "ownerId", e.workspace_id as "workspaceId", e.id, e.customer_id as "customerId",
      e.message_id as "messageId", e.kind, e.name, e.effect, e.occurred_at as "occurredAt",
      e.reported_at as "reportedAt", e.received_at as "receivedAt", e.trust, e.origin, e.amount, e.currency, e.properties, e.context,
      ${ticksOf(sql`e.occurred_at`)} as ticks
    from unnest(${owners}::uuid[]) as owner (id)
    cross join lateral (
      select recent.* from ${familyOf(workspaceId, sql`owner.id`)} as member
      cross join lateral (
        select * from event
        where workspace_id = ${workspaceId}::uuid and customer_id = member.id ${older}
        order by occurred_at desc, id desc limit ${limit}
      ) as recent
      order by occurred_at desc, id desc limit ${limit}
    ) as e
    order by owner.id, e.occurred_at desc, e.id desc`;
  return groupByOwner(rows);
}
