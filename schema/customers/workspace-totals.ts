import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { Money, ownMoney } from '../kernel/money.ts';

interface Totals {
  customers: number;
  orders: number;
  events: number;
  netRevenue: bigint;
}

const WorkspaceTotals = builder.objectRef<Totals>('WorkspaceTotals').implement({
  description: 'Totals over all customers of the workspace.',
  fields: (t) => ({
    customers: t.exposeInt('customers', {
      description:
        'The number of customers in any stage, including anonymous visitors, without merged customers.',
    }),
    orders: t.exposeInt('orders'),
    events: t.exposeInt('events', { description: 'The number of stored events.' }),
    netRevenue: t.field({
      type: Money,
      description: 'Orders less refunds in the currency of the workspace.',
      resolve: ({ netRevenue }, _args, ctx) => ownMoney(ctx, netRevenue),
    }),
  }),
});

// The surviving customer includes the facts of merged ones, so only survivors are summed.
async function readTotals({ tx, workspaceId }: RequestContext): Promise<Totals> {
  const { _count, _sum } = await tx.customer.aggregate({
    where: { workspaceId, mergedInto: null },
    _count: true,
    _sum: { orders: true, eventCount: true, grossRevenue: true, refunded: true },
  });
  return {
    customers: _count,
    orders: _sum.orders ?? 0,
    events: _sum.eventCount ?? 0,
    netRevenue: (_sum.grossRevenue ?? 0n) - (_sum.refunded ?? 0n),
  };
}

builder.prismaObjectField('Workspace', 'totals', (t) =>
  t.field({
    type: WorkspaceTotals,
    resolve: (_workspace, _args, ctx) => readTotals(ctx),
  }),
);
