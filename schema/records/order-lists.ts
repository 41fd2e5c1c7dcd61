import {
  type FoundOrder,
  findOrders,
  findOrdersOf,
  type OrderFilter as OrderFilterRows,
  type OrderPage,
} from '../../src/domains/records/orders/find-orders.ts';
import { builder } from '../kernel/builder.ts';
import { pageCost } from '../kernel/cost.ts';
import {
  type PageArgs,
  pageSize,
  parsePageCursor,
  ticksPattern,
  toConnection,
} from '../kernel/page.ts';
import { createBatch } from '../kernel/per-operation.ts';
import { Order, OrderStatus } from './order.ts';

const OrderFilter = builder.inputType('OrderFilter', {
  description: 'Which orders. All fields must match; an absent field matches every order.',
  fields: (t) => ({
    status: t.field({ type: [OrderStatus], description: 'One of these.' }),
    isTest: t.boolean({ description: 'Only test orders, or none of them.' }),
    from: t.field({ type: 'DateTime', description: 'Placed at or after this time.' }),
    to: t.field({ type: 'DateTime', description: 'Placed before this time.' }),
  }),
});

type OrderArgs = PageArgs & { where?: typeof OrderFilter.$inferInput | null | undefined };

/** The id of an order, as a page cursor has it. */
const keyPattern = /^[^\0]{1,256}$/s;

function parsePlace(text: string | null | undefined) {
  const place = parsePageCursor('orders', text, [ticksPattern, keyPattern]);
  return place && { ticks: place[0], id: place[1] };
}

function toPage({ where, ...args }: OrderArgs): OrderPage {
  const { size, backwards } = pageSize(args);
  const { status, isTest, from, to } = where ?? {};
  const filter: OrderFilterRows = {
    ...{ status: status ?? undefined, isTest: isTest ?? undefined },
    ...{ from: from ?? undefined, to: to ?? undefined },
  };
  const [after, before] = [parsePlace(args.after), parsePlace(args.before)];
  return { where: filter, after, before, backwards, limit: size + 1 };
}

const toOrders = (rows: readonly FoundOrder[], args: PageArgs) =>
  toConnection({
    ...{ list: 'orders', rows, args },
    sortKeyOf: (row) => [row.ticks.toString(), row.id],
  });

const loadOrders = createBatch<FoundOrder[], [OrderPage]>(({ tx, workspaceId }, owners, page) =>
  findOrdersOf(tx, workspaceId, owners, page),
);

const OrderConnection = builder.connectionObject({ type: Order, name: 'OrderConnection' });

const where = { type: OrderFilter, description: 'Default: all orders.' } as const;

builder.prismaObjectField('Customer', 'orders', (t) =>
  t.field({
    type: OrderConnection,
    description: 'The orders of the customer and of those merged into it, newest first.',
    complexity: pageCost,
    args: { ...t.arg.connectionArgs(), where: t.arg(where) },
    resolve: async ({ id }, args, ctx) =>
      toOrders((await loadOrders(ctx, id, toPage(args))) ?? [], args),
  }),
);

builder.queryField('orders', (t) =>
  t.field({
    type: OrderConnection,
    description: 'The orders of all customers, newest first. Page size: 1 to 100, default 20.',
    complexity: pageCost,
    args: { ...t.arg.connectionArgs(), where: t.arg(where) },
    resolve: async (_root, args, ctx) =>
      toOrders(await findOrders(ctx.tx, ctx.workspaceId, toPage(args)), args),
  }),
);
