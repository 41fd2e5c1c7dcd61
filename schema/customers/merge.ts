import { InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { builder } from '../kernel/builder.ts';
import { requireUuid } from '../kernel/global-id.ts';
import { addServiceMutation, definePayload } from '../kernel/mutation.ts';
import { addUuidNode, keyedById } from '../kernel/node.ts';
import { createRowBatch } from '../kernel/per-operation.ts';
import { Customer } from './customer.ts';
import { keptCustomer, survivorOf } from './customer-rows.ts';
import { EventNode, findEvent } from './event.ts';

declare module '../kernel/context.ts' {
  interface Services {
    undoMerge(workspaceId: string, mergeId: string, now: Date): Promise<{ customerId: string }>;
  }
}

export const Merge = builder.prismaNode('CustomerMerge', {
  name: 'Merge',
  description:
    'A merge of one customer into another. Both histories are kept, and a merge can be undone.',
  ...keyedById,
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime' }),
    undoneAt: t.expose('undoneAt', { type: 'DateTime', nullable: true }),
    from: t.field({
      type: Customer,
      description: 'The merged customer under its own id.',
      resolve: ({ fromCustomerId }, _args, ctx) => keptCustomer(ctx, fromCustomerId),
    }),
    into: t.field({
      type: Customer,
      description: 'The customer it was merged into, under its own id.',
      resolve: ({ intoCustomerId }, _args, ctx) => keptCustomer(ctx, intoCustomerId),
    }),
    event: t.field({
      type: EventNode,
      nullable: true,
      description: 'The event that contained the identities of both.',
      resolve: ({ eventId }, _args, ctx) => findEvent(ctx, eventId),
    }),
  }),
});

export const findMerge = createRowBatch((tx, where) => tx.customerMerge.findMany({ where }));

addUuidNode('Merge', findMerge);

builder.prismaObjectField('Customer', 'merges', (t) =>
  t.loadableGroup({
    type: Merge,
    description: 'The merges into this customer, newest first, undone merges included.',
    load: (ids: string[], { tx, workspaceId }) =>
      tx.customerMerge.findMany({
        where: { workspaceId, intoCustomerId: { in: ids } },
        orderBy: [{ at: 'desc' }, { id: 'desc' }],
      }),
    group: ({ intoCustomerId }) => intoCustomerId,
    resolve: ({ id }) => id,
  }),
);

const UndoMergePayload = definePayload<{ customerId: string }>(
  'UndoMergePayload',
  'The customer that was separated.',
  (t) => ({
    customer: t.field({
      type: Customer,
      description: 'The customer that is independent again.',
      resolve: ({ customerId }, _args, ctx) => survivorOf(ctx, customerId),
    }),
  }),
);

addServiceMutation('undoMerge', {
  type: UndoMergePayload,
  description:
    'Undoes a merge. Each customer keeps its own history, and the same identities do not merge the two again.',
  errors: [NotFound, InvalidInput],
  args: (arg) => ({ merge: arg.id({ required: true, description: 'The id of a `Merge`.' }) }),
  parse: ({ merge }) => ({ mergeId: requireUuid('Merge', merge) }),
  call: ({ mergeId }, { services, workspaceId, now }) =>
    services.undoMerge(workspaceId, mergeId, now()),
});
