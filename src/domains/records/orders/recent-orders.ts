import type { CustomerOrder } from '../../../../prisma/generated/client.ts';
import {
  familyOf,
  groupByOwner,
  instantOfTicks,
  ticksOf,
} from '../../../engine/customers/family.ts';
import type { Tx } from '../../../platform/database.ts';
import { emptySql, sql } from '../../../platform/sql.ts';

/** The newest orders of each owner, after one with these sort values. */
interface RecentOrders {
  owners: readonly string[];
  after: { ticks: string; id: string } | undefined;
  limit: number;
}

export interface RecentOrder extends CustomerOrder {
  ownerId: string;
  ticks: bigint;
}

/** Loads the newest orders of customers, including those of customers merged into them, in one statement. */
export async function recentOrders(
  tx: Tx,
  workspaceId: string,
  { owners, after, limit }: RecentOrders,
): Promise<Map<string, RecentOrder[]>> {
  const older = after
    ? sql`and (placed_at, id) < (${instantOfTicks(after.ticks)}, ${after.id}::text)`
    : emptySql;
  const rows = await tx.$queryRaw<RecentOrder[]>`
    select owner.id as "ownerId", o.workspace_id as "workspaceId", o.id, o.customer_id as "customerId",
      o.event_id as "eventId", o.status, o.placed_at as "placedAt", o.cancelled_at as "cancelledAt",
      o.currency, o.amount, o.total, o.revenue, o.tax, o.shipping, o.discount, o.is_test as "isTest",
      ${ticksOf(sql`o.placed_at`)} as ticks
    from unnest(${owners}::uuid[]) as owner (id)
    cross join lateral (
      select recent.* from ${familyOf(workspaceId, sql`owner.id`)} as member
      cross join lateral (
        select * from customer_order
        where workspace_id = ${workspaceId}::uuid and customer_id = member.id ${older}
        order by placed_at desc, id desc limit ${limit}
      ) as recent
      order by placed_at desc, id desc limit ${limit}
    ) as o
    order by owner.id, o.placed_at desc, o.id desc`;
  return groupByOwner(rows);
}
