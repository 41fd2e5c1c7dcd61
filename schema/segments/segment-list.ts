import type { MembersRequest } from '../../src/domains/segments/change-members.ts';
import { InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { Customer } from '../customers/customer.ts';
import { CustomerBy, lookUp } from '../customers/customer-by.ts';
import { survivorOf } from '../customers/customer-rows.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { leaveSnapshot } from '../kernel/per-operation.ts';
import { coveredByMutation } from '../kernel/scopes.ts';
import { findSegment, requireSegment, Segment, segmentArg } from './segment.ts';

const outcomes = {
  ADDED: {},
  ALREADY_MEMBER: {},
  REMOVED: {},
  NO_MEMBER: { description: 'It was not on the list.' },
  NOT_FOUND: { description: 'There is no such customer in this workspace.' },
} as const;

type Outcome = keyof typeof outcomes;

interface Item {
  customerId: string | undefined;
  outcome: Outcome;
}

const ItemType = builder.objectRef<Item>('SegmentMembersItem').implement({
  authScopes: coveredByMutation,
  description: 'What became of one of the customers passed in.',
  fields: (t) => ({
    outcome: t.field({
      type: builder.enumType('SegmentMembersOutcome', {
        description: 'What became of a customer that was to be put on a list or taken off it.',
        values: outcomes,
      }),
      resolve: ({ outcome }) => outcome,
    }),
    customer: t.field({
      type: Customer,
      nullable: true,
      description: 'After a merge the survivor. Null where there is no such customer.',
      resolve: ({ customerId }, _args, ctx) =>
        customerId === undefined ? null : survivorOf(ctx, customerId),
    }),
  }),
});

interface Changed {
  segmentId: string;
  items: Item[];
  changed: number;
}

const Payload = builder.objectRef<Changed>('SegmentMembersPayload').implement({
  authScopes: coveredByMutation,
  description: 'The list as it is now.',
  fields: (t) => ({
    segment: t.field({
      type: Segment,
      resolve: async ({ segmentId }, _args, ctx) => {
        const found = await findSegment(ctx, segmentId);
        if (!found) throw new NotFound('segment');
        return found;
      },
    }),
    changed: t.exposeInt('changed', { description: 'How many were added or removed.' }),
    items: t.field({
      type: [ItemType],
      description: 'One for each customer passed in, in the same order.',
      resolve: ({ items }) => items,
    }),
  }),
});

const most = 1_000;

interface ListArgs {
  segment: string;
  customers: Array<typeof CustomerBy.$inferInput>;
}

const words: Record<MembersRequest['change'], { done: Outcome; not: Outcome }> = {
  ADD: { done: 'ADDED', not: 'ALREADY_MEMBER' },
  REMOVE: { done: 'REMOVED', not: 'NO_MEMBER' },
};

async function changeList(
  ctx: RequestContext,
  args: ListArgs,
  change: MembersRequest['change'],
): Promise<Changed> {
  const { customers } = args;
  if (customers.length < 1 || customers.length > most) {
    throw new InvalidInput(`Pass 1 to ${most} customers; these are ${customers.length}.`);
  }
  const { id: segmentId } = await requireSegment(ctx, args.segment);
  const found = await Promise.all(customers.map((by) => lookUp(ctx, by)));
  const ids = found.map((customer) => customer?.id);
  await leaveSnapshot(ctx);
  const request = { segmentId, change, customerIds: ids.filter((id) => id !== undefined) };
  const { changed } = await ctx.services.segments.changeMembers(
    ctx.workspaceId,
    request,
    ctx.now(),
  );
  const seen = new Set<string>();
  const items = ids.map((customerId): Item => {
    if (customerId === undefined) return { customerId, outcome: 'NOT_FOUND' };
    // Whoever is named twice is put on the list, or taken off it, once.
    const isFirst = !seen.has(customerId) && changed.has(customerId);
    seen.add(customerId);
    return { customerId, outcome: isFirst ? words[change].done : words[change].not };
  });
  return { segmentId, items, changed: changed.size };
}

builder.mutationFields((t) => {
  const args = {
    segment: t.arg.string({ required: true, description: segmentArg }),
    customers: t.arg({
      type: [CustomerBy],
      required: true,
      description: `1 to ${most} customers, each by any of its names.`,
    }),
  };
  const options = {
    type: Payload,
    authScopes: { write: true },
    errors: { types: [InvalidInput, NotFound] },
    args,
  };
  return {
    addSegmentMembers: t.field({
      ...options,
      description:
        'Puts customers on a list kept by hand. Whoever cannot be found costs only itself; whatever is made of the list follows in the same transaction.',
      resolve: (_root, given, ctx) => changeList(ctx, given, 'ADD'),
    }),
    removeSegmentMembers: t.field({
      ...options,
      description: 'Takes customers off a list kept by hand.',
      resolve: (_root, given, ctx) => changeList(ctx, given, 'REMOVE'),
    }),
  };
});
