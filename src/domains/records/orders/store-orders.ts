import type { Transaction } from '../../../platform/database.ts';
import { sql, unnestRows } from '../../../platform/sql.ts';
import { storeProjection } from '../projections/store-projection.ts';
import { amountFields } from './order-amounts.ts';
import type { OrderState } from './order-state.ts';

/** Stores orders with their lines and refunds as they are described now; of several states of one order the last. */
export function storeOrders(db: Transaction, states: readonly unknown[]): void {
  const orders = [...new Map((states as OrderState[]).map((order) => [order.id, order])).values()];
  storeProjection<OrderState>(db, 'customer_order', orders, {
    customer_id: ['uuid', ({ customerId }) => customerId],
    event_id: ['uuid', ({ eventId }) => eventId],
    status: ['text', ({ status }) => status],
    placed_at: ['timestamptz', ({ placedAt }) => placedAt],
    cancelled_at: ['timestamptz', ({ cancelledAt }) => cancelledAt],
    currency: ['text', ({ currency }) => currency],
    amount: ['bigint', ({ amount }) => String(amount)],
    ...Object.fromEntries(
      amountFields.map((field) => [
        field,
        ['bigint', (order: OrderState) => order[field]?.toString() ?? null] as const,
      ]),
    ),
    is_test: ['boolean', ({ isTest }) => String(isTest)],
  });
  deleteParts(db, orders);
  insertLines(db, orders);
  insertRefunds(db, orders);
}

function deleteParts(db: Transaction, orders: readonly OrderState[]) {
  const ids = orders.flatMap(({ id, isNew }) => (isNew ? [] : [id]));
  if (ids.length === 0) return;
  db.send(sql`
    with lines as (
      delete from order_line where workspace_id = ${db.workspaceId} and order_id = any(${ids}::text[])
    ) delete from order_refund where workspace_id = ${db.workspaceId} and order_id = any(${ids}::text[])`);
}

function insertLines(db: Transaction, orders: readonly OrderState[]) {
  const lines = orders.flatMap(({ id, lines: own }) =>
    own.map((line, position) => ({ id, position, ...line })),
  );
  if (lines.length === 0) return;
  db.send(sql`
    insert into order_line (workspace_id, order_id, position, product_id, sku, name, category, price, quantity)
    select ${db.workspaceId}, * from ${unnestRows('line', lines, {
      order_id: ['text', ({ id }) => id],
      position: ['integer', ({ position }) => position],
      product_id: ['text', ({ productId }) => productId],
      sku: ['text', ({ sku }) => sku],
      name: ['text', ({ name }) => name],
      category: ['text', ({ category }) => category],
      price: ['bigint', ({ price }) => price?.toString() ?? null],
      quantity: ['integer', ({ quantity }) => quantity],
    })}`);
}

function insertRefunds(db: Transaction, orders: readonly OrderState[]) {
  const refunds = orders.flatMap(({ id, refunds: own }) =>
    own.map((refund) => ({ ...refund, orderId: id })),
  );
  if (refunds.length === 0) return;
  db.send(sql`
    insert into order_refund (workspace_id, order_id, id, event_id, at, amount)
    select ${db.workspaceId}, * from ${unnestRows('refund', refunds, {
      order_id: ['text', ({ orderId }) => orderId],
      id: ['text', ({ id }) => id],
      event_id: ['uuid', ({ eventId }) => eventId],
      at: ['timestamptz', ({ at }) => at],
      amount: ['bigint', ({ amount }) => String(amount)],
    })}`);
}
