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
  description: "Sums over all the workspace's customers.",
  fields: (t) => ({
    customers: t.exposeInt('customers', {
      description: 'Customers in any stage, anonymous visitors included; merged ones count once.',
    }),
    orders: t.exposeInt('orders'),
    events: t.exposeInt('events', { description: 'Events received and kept.' }),
    netRevenue: t.field({
      type: Money,
      description: "Orders less refunds in the workspace's own currency.",
      resolve: ({ netRevenue }, _args, ctx) => ownMoney(ctx, netRevenue),
    }),
  }),
});

// The facts of a merged customer are in its survivor's, hence only survivors are summed.
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
