import type { CustomerOrder } from '../../prisma/generated/client.ts';
import { Customer } from '../customers/customer.ts';
import { survivorOf } from '../customers/customer-rows.ts';
import { builder } from '../kernel/builder.ts';
import { formatGlobalId, isStorable } from '../kernel/global-id.ts';
import { Money } from '../kernel/money.ts';
import { addNode } from '../kernel/node.ts';
import { createRowBatch } from '../kernel/per-operation.ts';

export const OrderStatus = builder.enumType('OrderStatus', {
  description: 'Whether an order counts.',
  values: {
    PENDING: { description: 'Not paid yet: it counts nowhere until a later report says so.' },
    PLACED: { description: 'It counts, unless it is a test.' },
    CANCELLED: { description: 'It no longer counts, nor do its refunds.' },
  } as const,
});

export const Order = builder.objectRef<CustomerOrder>('Order');

const amountField =
  (name: 'total' | 'revenue' | 'tax' | 'shipping' | 'discount') => (order: CustomerOrder) =>
    order[name] === null ? null : { amount: order[name], currency: order.currency };

Order.implement({
  description:
    'An order as all its reports describe it: each field comes from the latest report that has it.',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => formatGlobalId('Order', id) }),
    orderId: t.exposeString('id', {
      description:
        'Its `order_id` in the shop or, if it was reported without one, the id of its event.',
    }),
    status: t.field({
      type: OrderStatus,
      // The column holds these values only.
      resolve: ({ status }) => status as 'PENDING' | 'PLACED' | 'CANCELLED',
    }),
    isTest: t.exposeBoolean('isTest', {
      description: 'True for a test order, which counts nowhere.',
    }),
    placedAt: t.expose('placedAt', {
      type: 'DateTime',
      description: 'The time of its earliest report.',
    }),
    cancelledAt: t.expose('cancelledAt', { type: 'DateTime', nullable: true }),
    amount: t.field({
      type: Money,
      description:
        'What it counts with: the revenue or, without it, the total less tax and shipping.',
      resolve: ({ amount, currency }) => ({ amount, currency }),
    }),
    total: t.field({ type: Money, nullable: true, resolve: amountField('total') }),
    revenue: t.field({ type: Money, nullable: true, resolve: amountField('revenue') }),
    tax: t.field({ type: Money, nullable: true, resolve: amountField('tax') }),
    shipping: t.field({ type: Money, nullable: true, resolve: amountField('shipping') }),
    discount: t.field({ type: Money, nullable: true, resolve: amountField('discount') }),
    customer: t.field({
      type: Customer,
      description:
        'The customer of the report that arrived first; after a merge, the surviving customer.',
      resolve: ({ customerId }, _args, ctx) => survivorOf(ctx, customerId),
    }),
  }),
});

const findOrder = createRowBatch((tx, where) => tx.customerOrder.findMany({ where }));

addNode('Order', async (ctx, key) => (isStorable(key) ? findOrder(ctx, key) : undefined));

builder.queryField('order', (t) =>
  t.field({
    type: Order,
    nullable: true,
    description: 'The order with this id in the shop. Null if there is none.',
    args: { orderId: t.arg.string({ required: true }) },
    resolve: async (_root, { orderId }, ctx) => {
      const id = orderId.trim();
      return isStorable(id) ? ((await findOrder(ctx, id)) ?? null) : null;
    },
  }),
);
