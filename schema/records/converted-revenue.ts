import {
  type ConvertedRevenue,
  loadConvertedRevenue,
} from '../../src/domains/records/exchange-rates/converted-revenue.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { Money, ownMoney } from '../kernel/money.ts';
import { createBatch } from '../kernel/per-operation.ts';

const findRevenue = createBatch<ConvertedRevenue>(({ tx, workspaceId, now }, owners) =>
  loadConvertedRevenue(tx, workspaceId, { owners, knownAt: now() }),
);

const withoutOrders: ConvertedRevenue = { gross: 0n, refunded: 0n, missingRates: [] };

/** Null if an amount could not be converted, since a part of the sum would be missing. */
const complete =
  (amountOf: (revenue: ConvertedRevenue) => bigint) =>
  (revenue: ConvertedRevenue, _args: object, ctx: RequestContext) =>
    revenue.missingRates.length > 0 ? null : ownMoney(ctx, amountOf(revenue));

const nullReason = 'Null if `missingRates` is not empty.';

const Converted = builder.objectRef<ConvertedRevenue>('ConvertedRevenue').implement({
  description:
    "The orders and refunds of a customer in all currencies, converted to the workspace's. An order and its refunds are converted at the rate that applies on the day of the order, as known now. Sums are rounded once, half up.",
  fields: (t) => ({
    gross: t.field({
      type: Money,
      nullable: true,
      description: `The sum of the orders. ${nullReason}`,
      resolve: complete(({ gross }) => gross),
    }),
    refunded: t.field({
      type: Money,
      nullable: true,
      description: `The sum of the refunds. ${nullReason}`,
      resolve: complete(({ refunded }) => refunded),
    }),
    net: t.field({
      type: Money,
      nullable: true,
      description: `Orders less refunds. ${nullReason}`,
      resolve: complete(({ gross, refunded }) => gross - refunded),
    }),
    missingRates: t.exposeStringList('missingRates', {
      description:
        'The currencies without a rate for the day of an order. Set one with `setExchangeRates`.',
    }),
  }),
});

builder.prismaObjectField('Customer', 'convertedRevenue', (t) =>
  t.field({
    type: Converted,
    description: 'Orders and refunds in all currencies, converted with the rates of the workspace.',
    resolve: async ({ id }, _args, ctx) => (await findRevenue(ctx, id)) ?? withoutOrders,
  }),
);
