import { InvalidInput } from '../../src/platform/errors.ts';
import { addCustomerSorts } from '../filter/customer-sorts.ts';
import { builder } from '../kernel/builder.ts';
import { Money, ownMoney } from '../kernel/money.ts';
import { createBatch } from '../kernel/per-operation.ts';
import { loadWorkspace } from '../kernel/workspace-row.ts';

interface RevenueSum {
  currency: string;
  grossRevenue: bigint;
  refunded: bigint;
}

const Revenue = builder.objectRef<RevenueSum>('Revenue').implement({
  description: 'The orders and refunds of a customer in one currency.',
  fields: (t) => ({
    currency: t.exposeString('currency', { description: 'The currency code (ISO 4217).' }),
    gross: t.field({
      type: Money,
      description: 'The sum of the orders.',
      resolve: ({ currency, grossRevenue }) => ({ amount: grossRevenue, currency }),
    }),
    refunded: t.field({
      type: Money,
      description: 'The sum of the refunds.',
      resolve: ({ currency, refunded }) => ({ amount: refunded, currency }),
    }),
    net: t.field({
      type: Money,
      description: 'Orders less refunds.',
      resolve: ({ currency, grossRevenue, refunded }) => ({
        amount: grossRevenue - refunded,
        currency,
      }),
    }),
  }),
});

const loadForeignRevenue = createBatch<RevenueSum[]>(async ({ tx, workspaceId }, ids) => {
  const rows = await tx.customerForeignRevenue.findMany({
    where: { workspaceId, customerId: { in: [...ids] } },
    orderBy: { currency: 'asc' },
  });
  return Map.groupBy(rows, ({ customerId }) => customerId);
});

builder.prismaObjectFields('Customer', (t) => ({
  orderCount: t.exposeInt('orders', { description: 'The number of orders, in any currency.' }),
  firstOrderAt: t.expose('firstOrderAt', { type: 'DateTime', nullable: true }),
  lastOrderAt: t.expose('lastOrderAt', { type: 'DateTime', nullable: true }),
  grossRevenue: t.field({
    type: Money,
    description: "The sum of the orders in the workspace's currency.",
    resolve: ({ grossRevenue }, _args, ctx) => ownMoney(ctx, grossRevenue),
  }),
  refunded: t.field({
    type: Money,
    description: "The sum of the refunds in the workspace's currency.",
    resolve: ({ refunded }, _args, ctx) => ownMoney(ctx, refunded),
  }),
  netRevenue: t.field({
    type: Money,
    description: "Orders less refunds in the workspace's currency.",
    resolve: ({ grossRevenue, refunded }, _args, ctx) => ownMoney(ctx, grossRevenue - refunded),
  }),
  foreignRevenue: t.field({
    type: [Revenue],
    description:
      "Orders and refunds in other currencies than the workspace's. Amounts are not converted.",
    resolve: async ({ id }, _args, ctx) => (await loadForeignRevenue(ctx, id)) ?? [],
  }),
  revenueIn: t.field({
    type: Revenue,
    description: 'Orders and refunds in one currency. Zero if there are none.',
    args: {
      currency: t.arg.string({ required: true, description: 'The currency code (ISO 4217).' }),
    },
    resolve: async (customer, args, ctx) => {
      const currency = requireCurrency(args.currency);
      if ((await loadWorkspace(ctx)).currency === currency) return { ...customer, currency };
      const foreign = (await loadForeignRevenue(ctx, customer.id)) ?? [];
      const none = { currency, grossRevenue: 0n, refunded: 0n };
      return foreign.find((sum) => sum.currency === currency) ?? none;
    },
  }),
}));

/** @throws InvalidInput unless it is a code of three letters */
function requireCurrency(text: string): string {
  if (/^[A-Za-z]{3}$/.test(text)) return text.toUpperCase();
  throw new InvalidInput('`currency` must be a code of three letters (ISO 4217), such as "USD".');
}

builder.prismaObjectField('Event', 'amount', (t) =>
  t.field({
    type: Money,
    nullable: true,
    description: 'The amount of an order or refund. Null for other events.',
    resolve: ({ amount, currency }) =>
      amount === null || currency === null ? null : { amount, currency },
  }),
);

addCustomerSorts({
  ORDER_COUNT: { sort: () => ({ fact: 'orderCount' }) },
  NET_REVENUE: { sort: () => ({ fact: 'netRevenue' }) },
});
