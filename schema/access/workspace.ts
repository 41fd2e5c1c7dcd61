import { formatCursor } from '../../src/engine/changes/cursor.ts';
import { builder } from './builder.ts';
import type { RequestContext } from './context.ts';
import { Money, ownMoney } from './money.ts';
import { loadLog, loadWorkspace } from './workspace-row.ts';

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

const Workspace = builder.prismaNode('Workspace', {
  description: 'A tenant: owns every customer, event and setting that its keys can reach.',
  id: { resolve: ({ id }) => id },
  findUnique: (id, { workspaceId }) => ({ id, AND: { id: workspaceId } }),
  fields: (t) => ({
    name: t.exposeString('name'),
    timeZone: t.exposeString('timeZone', {
      description: 'The IANA time zone in which days begin and end, such as "Europe/Berlin".',
    }),
    currency: t.exposeString('currency', {
      description: 'The currency of every sum of money (ISO 4217).',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    cursor: t.field({
      type: 'Cursor',
      description:
        'The end of the change log in this very snapshot: read a state, then subscribe `after` it, and nothing is missed or seen twice.',
      resolve: async (_workspace, _args, ctx) => formatCursor(await loadLog(ctx)),
    }),
    totals: t.field({
      type: WorkspaceTotals,
      resolve: (_workspace, _args, ctx) => readTotals(ctx),
    }),
  }),
});

builder.queryField('workspace', (t) =>
  t.field({
    type: Workspace,
    description: 'The workspace of the key that was presented.',
    resolve: (_root, _args, ctx) => loadWorkspace(ctx),
  }),
);
