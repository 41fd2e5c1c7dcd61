import type { EditContext } from '../../src/engine/ingestion/edit-customers.ts';
import { AlreadyMerged, InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { builder } from '../kernel/builder.ts';
import { requireUuid } from '../kernel/global-id.ts';
import { addServiceMutation, definePayload, requireWritten } from '../kernel/mutation.ts';
import { addUuidNode, keyedById } from '../kernel/node.ts';
import { createRowBatch } from '../kernel/per-operation.ts';
import { Customer } from './customer.ts';
import { keptCustomer, survivorOf } from './customer-rows.ts';
import { asEdit, editContext } from './edit.ts';
import { EventNode, findEvent } from './event.ts';

declare module '../kernel/context.ts' {
  interface Services {
    mergeCustomers(
      workspaceId: string,
      pair: { from: string; into: string },
      context: EditContext,
    ): Promise<{ mergeId: string }>;
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
      description:
        'The event that contained the identities of both, or that records the merge by hand.',
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

const MergeCustomersPayload = definePayload<{ mergeId: string }>(
  'MergeCustomersPayload',
  'The merge.',
  (t) => ({
    merge: t.field({
      type: Merge,
      resolve: async ({ mergeId }, _args, ctx) => requireWritten('merge', findMerge(ctx, mergeId)),
    }),
  }),
);

addServiceMutation('mergeCustomers', {
  type: MergeCustomersPayload,
  description: `Merges two customers, of which both may have a user id. \`undoMerge\` separates them. ${asEdit('Customers Merged')}`,
  errors: [NotFound, InvalidInput, AlreadyMerged],
  args: (arg) => ({
    from: arg.id({ required: true, description: 'The customer that becomes part of the other.' }),
    into: arg.id({
      required: true,
      description: 'The customer that survives. For a merged customer, its survivor.',
    }),
  }),
  parse: ({ from, into }) => ({
    pair: { from: requireUuid('Customer', from), into: requireUuid('Customer', into) },
  }),
  call: ({ pair }, ctx) => ctx.services.mergeCustomers(ctx.workspaceId, pair, editContext(ctx)),
});

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
