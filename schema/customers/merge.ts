import type { CustomerMerge } from '../../prisma/generated/client.ts';
import { InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { parseUuid } from '../kernel/global-id.ts';
import { addUuidNode } from '../kernel/node.ts';
import { createBatch, leaveSnapshot } from '../kernel/per-operation.ts';
import { coveredByMutation } from '../kernel/scopes.ts';
import { Customer } from './customer.ts';
import { keptCustomer, survivorOf } from './customer-rows.ts';
import { Event, findEvent } from './event.ts';

declare module '../kernel/context.ts' {
  interface Services {
    undoMerge(workspaceId: string, mergeId: string, now: Date): Promise<{ customerId: string }>;
  }
}

export const Merge = builder.prismaNode('CustomerMerge', {
  name: 'Merge',
  description:
    'Two customers turned out to be one. The history of both is kept, and a merge can be undone.',
  id: { resolve: ({ id }) => id },
  findUnique: (id, { workspaceId }) => ({ workspaceId_id: { workspaceId, id } }),
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime' }),
    undoneAt: t.expose('undoneAt', { type: 'DateTime', nullable: true }),
    from: t.field({
      type: Customer,
      description: 'The customer that was merged, as it is kept.',
      resolve: ({ fromCustomerId }, _args, ctx) => keptCustomer(ctx, fromCustomerId),
    }),
    into: t.field({
      type: Customer,
      description: 'The customer it was merged into, as it is kept.',
      resolve: ({ intoCustomerId }, _args, ctx) => keptCustomer(ctx, intoCustomerId),
    }),
    event: t.field({
      type: Event,
      nullable: true,
      description: 'The event that named both.',
      resolve: async ({ eventId }, _args, ctx) =>
        eventId === null ? null : ((await findEvent(ctx, eventId)) ?? null),
    }),
  }),
});

const loadMerge = createBatch<CustomerMerge>(async ({ tx, workspaceId }, ids) => {
  const rows = await tx.customerMerge.findMany({ where: { workspaceId, id: { in: [...ids] } } });
  return new Map(rows.map((row) => [row.id, row]));
});

export const findMerge = (ctx: RequestContext, id: string) => loadMerge(ctx, id, undefined);

addUuidNode('Merge', findMerge);

builder.prismaObjectField('Customer', 'merges', (t) =>
  t.loadableGroup({
    type: Merge,
    description: 'The customers merged into this one, newest first, undone merges included.',
    load: (ids: string[], { tx, workspaceId }) =>
      tx.customerMerge.findMany({
        where: { workspaceId, intoCustomerId: { in: ids } },
        orderBy: [{ at: 'desc' }, { id: 'desc' }],
      }),
    group: ({ intoCustomerId }) => intoCustomerId,
    resolve: ({ id }) => id,
  }),
);

const UndoMergePayload = builder.objectRef<{ customerId: string }>('UndoMergePayload').implement({
  authScopes: coveredByMutation,
  description: 'A merge was taken back.',
  fields: (t) => ({
    customer: t.field({
      type: Customer,
      description: 'The customer that stands on its own again.',
      resolve: ({ customerId }, _args, ctx) => survivorOf(ctx, customerId),
    }),
  }),
});

builder.mutationField('undoMerge', (t) =>
  t.field({
    type: UndoMergePayload,
    description:
      'Takes a merge back: each customer keeps what was recorded for it, and the same names seen together later do not merge them again.',
    authScopes: { write: true },
    errors: { types: [NotFound, InvalidInput] },
    args: { merge: t.arg.id({ required: true, description: 'The id of a `Merge`.' }) },
    resolve: async (_root, args, ctx) => {
      const merge = parseUuid('Merge', args.merge);
      if (merge === undefined) throw new NotFound('merge');
      await leaveSnapshot(ctx);
      return ctx.services.undoMerge(ctx.workspaceId, merge, ctx.now());
    },
  }),
);
