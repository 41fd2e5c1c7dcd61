import type { Transaction } from '../../../platform/database.ts';
import { sql } from '../../../platform/sql.ts';
import { amountFields } from './order-amounts.ts';
import type { OrderState } from './order-state.ts';

/** Stores orders as they are described now; of several states of one order the last. */
export function storeOrders(db: Transaction, states: readonly unknown[]): void {
  const orders = new Map((states as OrderState[]).map((order) => [order.id, order]));
  const json = JSON.stringify([...orders.values()].map(toRow));
  db.send(sql`
    insert into customer_order (workspace_id, id, customer_id, event_id, status, placed_at,
      cancelled_at, currency, amount, total, revenue, tax, shipping, discount, is_test)
    select ${db.workspaceId}, row.*
    from jsonb_to_recordset(${json}) as row (id text, customer_id uuid, event_id uuid, status text,
      placed_at timestamptz, cancelled_at timestamptz, currency text, amount bigint, total bigint,
      revenue bigint, tax bigint, shipping bigint, discount bigint, is_test boolean)
    on conflict (workspace_id, id) do update set customer_id = excluded.customer_id,
      event_id = excluded.event_id, status = excluded.status, placed_at = excluded.placed_at,
      cancelled_at = excluded.cancelled_at, currency = excluded.currency, amount = excluded.amount,
      total = excluded.total, revenue = excluded.revenue, tax = excluded.tax,
      shipping = excluded.shipping, discount = excluded.discount, is_test = excluded.is_test`);
}

const text = (amount: bigint | undefined) => (amount === undefined ? null : String(amount));

const toRow = (order: OrderState) => ({
  id: order.id,
  customer_id: order.customerId,
  event_id: order.eventId,
  status: order.status,
  placed_at: order.placedAt,
  cancelled_at: order.cancelledAt,
  currency: order.currency,
  amount: String(order.amount),
  ...Object.fromEntries(amountFields.map((field) => [field, text(order[field])])),
  is_test: order.isTest,
});
