import type { OrderLine, OrderRefund } from '../../prisma/generated/client.ts';
import { reportingEvents } from '../../src/engine/records/reporting-events.ts';
import { EventNode, findEvent } from '../customers/event.ts';
import { builder } from '../kernel/builder.ts';
import { Money } from '../kernel/money.ts';
import { createBatch } from '../kernel/per-operation.ts';
import { Order } from './order.ts';

type InCurrency<Part> = Part & { currency: string };

const OrderLineType = builder.objectRef<InCurrency<OrderLine>>('OrderLine').implement({
  description: 'An article of an order: an entry of `products` in the latest report that has them.',
  fields: (t) => ({
    productId: t.exposeString('productId', { nullable: true }),
    sku: t.exposeString('sku', { nullable: true }),
    name: t.exposeString('name', { nullable: true }),
    category: t.exposeString('category', { nullable: true }),
    price: t.field({
      type: Money,
      nullable: true,
      description: 'Of one. Null if none was reported.',
      resolve: ({ price, currency }) => (price === null ? null : { amount: price, currency }),
    }),
    quantity: t.exposeInt('quantity'),
  }),
});

const OrderRefundType = builder.objectRef<InCurrency<OrderRefund>>('OrderRefund').implement({
  description: 'What was given back of an order. All refunds together are at most its amount.',
  fields: (t) => ({
    refundId: t.exposeString('id', {
      description: 'Its `refund_id` or, if it was reported without one, the id of its event.',
    }),
    at: t.expose('at', { type: 'DateTime' }),
    amount: t.field({ type: Money, resolve: ({ amount, currency }) => ({ amount, currency }) }),
    event: t.field({
      type: EventNode,
      nullable: true,
      description: 'The first report of the refund.',
      resolve: ({ eventId }, _args, ctx) => findEvent(ctx, eventId),
    }),
  }),
});

const loadLines = createBatch<OrderLine[]>(async ({ tx, workspaceId }, ids) => {
  const where = { workspaceId, orderId: { in: [...ids] } };
  const rows = await tx.orderLine.findMany({ where, orderBy: { position: 'asc' } });
  return Map.groupBy(rows, ({ orderId }) => orderId);
});

const loadRefunds = createBatch<OrderRefund[]>(async ({ tx, workspaceId }, ids) => {
  const where = { workspaceId, orderId: { in: [...ids] } };
  const rows = await tx.orderRefund.findMany({ where, orderBy: [{ at: 'asc' }, { id: 'asc' }] });
  return Map.groupBy(rows, ({ orderId }) => orderId);
});

const loadReporting = createBatch<string[]>(({ tx, workspaceId }, ids) =>
  reportingEvents(tx, workspaceId, { kind: 'ORDER', keys: ids }),
);

builder.objectFields(Order, (t) => ({
  lines: t.field({
    type: [OrderLineType],
    description: 'The articles, in the order of `products`.',
    resolve: async ({ id, currency }, _args, ctx) =>
      ((await loadLines(ctx, id)) ?? []).map((line) => ({ ...line, currency })),
  }),
  refunds: t.field({
    type: [OrderRefundType],
    description: 'In the order of their times. Empty if the order never counted.',
    resolve: async ({ id, currency }, _args, ctx) =>
      ((await loadRefunds(ctx, id)) ?? []).map((refund) => ({ ...refund, currency })),
  }),
  events: t.field({
    type: [EventNode],
    description: 'The events that reported the order, in the order of arrival: at most 100.',
    resolve: async ({ id, eventId }, _args, ctx) => {
      const reported = (await loadReporting(ctx, id)) ?? [eventId];
      const found = await Promise.all(reported.map((event) => findEvent(ctx, event)));
      return found.filter((event) => event !== undefined);
    },
  }),
}));
