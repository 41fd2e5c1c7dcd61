import type { CustomerOrder } from '../../../../prisma/generated/client.ts';
import {
  familyOf,
  groupByOwner,
  instantOfTicks,
  ticksOf,
} from '../../../engine/customers/family.ts';
import type { Tx } from '../../../platform/database.ts';
import { emptySql, joinSql, type Sql, sql } from '../../../platform/sql.ts';
import type { OrderState } from './order-state.ts';

/** Which orders; absent for any. */
export interface OrderFilter {
  status?: ReadonlyArray<OrderState['status']> | undefined;
  isTest?: boolean | undefined;
  /** Placed at or after this instant … */
  from?: Date | undefined;
  /** … and before this one. */
  to?: Date | undefined;
}

/** The place of an order in a list: microseconds, and its id. */
interface Place {
  ticks: string;
  id: string;
}

/** A page of orders, newest first. Backwards, the last one comes first. */
export interface OrderPage {
  where: OrderFilter;
  after: Place | undefined;
  before: Place | undefined;
  backwards: boolean;
  limit: number;
}

export interface FoundOrder extends CustomerOrder {
  ticks: bigint;
}

const columns = sql`
  o.workspace_id as "workspaceId", o.id, o.customer_id as "customerId", o.event_id as "eventId", o.status,
  o.placed_at as "placedAt", o.cancelled_at as "cancelledAt", o.currency, o.amount, o.total, o.revenue, o.tax,
  o.shipping, o.discount, o.is_test as "isTest", ${ticksOf(sql`o.placed_at`)} as ticks`;

/** Reads a page of the orders of a workspace. */
export const findOrders = (tx: Tx, workspaceId: string, page: OrderPage): Promise<FoundOrder[]> =>
  tx.$queryRaw<FoundOrder[]>`
    select ${columns} from customer_order o
    where o.workspace_id = ${workspaceId}::uuid ${matching(page)} ${inOrder(page)}`;

/** Reads a page of the orders of each owner, including those of customers merged into it, in one statement. */
export async function findOrdersOf(
  tx: Tx,
  workspaceId: string,
  owners: readonly string[],
  page: OrderPage,
): Promise<Map<string, FoundOrder[]>> {
  const rows = await tx.$queryRaw<Array<FoundOrder & { ownerId: string }>>`
    select owner.id as "ownerId", ${columns}
    from unnest(${owners}::uuid[]) with ordinality as owner (id, place)
    cross join lateral (
      select o.* from ${familyOf(workspaceId, sql`owner.id`)} as member
      cross join lateral (
        select * from customer_order o
        where o.workspace_id = ${workspaceId}::uuid and o.customer_id = member.id ${matching(page)}
        ${inOrder(page)}
      ) as o
      ${inOrder(page)}
    ) as o
    ${inOrder({ ...page, limit: undefined }, sql`owner.place,`)}`;
  return groupByOwner(rows);
}

function matching({ where: { status, isTest, from, to }, after, before }: OrderPage): Sql {
  const at = ({ ticks, id }: Place) => sql`(${instantOfTicks(ticks)}, ${id}::text)`;
  const conditions = [
    status && sql`o.status = any(${[...status]}::text[])`,
    isTest !== undefined && sql`o.is_test = ${isTest}::boolean`,
    from && sql`o.placed_at >= ${from}::timestamptz`,
    to && sql`o.placed_at < ${to}::timestamptz`,
    after && sql`(o.placed_at, o.id) < ${at(after)}`,
    before && sql`(o.placed_at, o.id) > ${at(before)}`,
  ].filter((condition) => typeof condition === 'object');
  return joinSql([emptySql, ...conditions.map((condition) => sql`and ${condition}`)], ' ');
}

function inOrder(
  { backwards, limit }: { backwards: boolean; limit: number | undefined },
  first: Sql = emptySql,
): Sql {
  const direction = backwards ? sql`asc` : sql`desc`;
  const atMost = limit === undefined ? emptySql : sql`limit ${limit}::int`;
  return sql`order by ${first} o.placed_at ${direction}, o.id ${direction} ${atMost}`;
}
