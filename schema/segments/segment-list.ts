import { changeMembers, type MembersRequest } from '../../src/domains/segments/change-members.ts';
import { InvalidInput, NotFound } from '../../src/platform/errors.ts';
import { Customer } from '../customers/customer.ts';
import { CustomerBy, lookUp } from '../customers/customer-by.ts';
import { survivorOf } from '../customers/customer-rows.ts';
import { builder } from '../kernel/builder.ts';
import { addMutation, definePayload, requireWritten } from '../kernel/mutation.ts';
import { findSegment, requireSegment, Segment, segmentArg } from './segment.ts';

const outcomes = {
  ADDED: {},
  ALREADY_MEMBER: {},
  REMOVED: {},
  NO_MEMBER: { description: 'The customer was not on the list.' },
  NOT_FOUND: { description: 'No such customer exists in this workspace.' },
} as const;

type ListOutcome = keyof typeof outcomes;

interface Item {
  customerId: string | undefined;
  outcome: ListOutcome;
}

const ItemType = definePayload<Item>(
  'SegmentMembersItem',
  'The outcome for one of the customers passed.',
  (t) => ({
    outcome: t.expose('outcome', {
      type: builder.enumType('SegmentMembersOutcome', {
        description: 'The outcome of adding a customer to a list or removing it.',
        values: outcomes,
      }),
    }),
    customer: t.field({
      type: Customer,
      nullable: true,
      description: 'After a merge, the surviving customer. Null if no such customer exists.',
      resolve: ({ customerId }, _args, ctx) =>
        customerId === undefined ? null : survivorOf(ctx, customerId),
    }),
  }),
);

interface ChangedList {
  segmentId: string;
  items: Item[];
  changed: number;
}

const ListPayload = definePayload<ChangedList>(
  'SegmentMembersPayload',
  'The list in its present state.',
  (t) => ({
    segment: t.field({
      type: Segment,
      resolve: ({ segmentId }, _args, ctx) =>
        requireWritten('segment', findSegment(ctx, segmentId)),
    }),
    changed: t.exposeInt('changed', { description: 'The number of customers added or removed.' }),
    items: t.expose('items', {
      type: [ItemType],
      description: 'One per customer passed, in the same order.',
    }),
  }),
);

const maxCustomers = 1_000;

const outcomesOf: Record<MembersRequest['change'], { done: ListOutcome; not: ListOutcome }> = {
  ADD: { done: 'ADDED', not: 'ALREADY_MEMBER' },
  REMOVE: { done: 'REMOVED', not: 'NO_MEMBER' },
};

const descriptions: Record<MembersRequest['change'], string> = {
  ADD: 'Adds customers to a manual list. Unknown customers do not affect the others. Everything that depends on the list is updated in the same transaction.',
  REMOVE: 'Removes customers from a manual list.',
};

for (const [change, name] of [
  ['ADD', 'addSegmentMembers'],
  ['REMOVE', 'removeSegmentMembers'],
] as const) {
  addMutation(name, {
    type: ListPayload,
    description: descriptions[change],
    errors: [InvalidInput, NotFound],
    args: (arg) => ({
      segment: arg.string({ required: true, description: segmentArg }),
      customers: arg({
        type: [CustomerBy],
        required: true,
        description: `1 to ${maxCustomers} customers.`,
      }),
    }),
    async parse({ segment, customers }, ctx) {
      if (customers.length < 1 || customers.length > maxCustomers) {
        throw new InvalidInput(
          `Pass 1 to ${maxCustomers} customers; these are ${customers.length}.`,
        );
      }
      const { id: segmentId } = await requireSegment(ctx, segment);
      const found = await Promise.all(customers.map((by) => lookUp(ctx, by)));
      return { segmentId, ids: found.map((customer) => customer?.id) };
    },
    async write(db, { segmentId, ids }, { now }) {
      const customerIds = ids.filter((id) => id !== undefined);
      const { changed } = await changeMembers(db, { segmentId, change, customerIds }, now());
      return { items: toItems(ids, changed, outcomesOf[change]), changed: changed.size };
    },
  });
}

/** One item per id. A customer that is passed twice is added or removed once. */
function toItems(
  ids: ReadonlyArray<string | undefined>,
  changed: ReadonlySet<string>,
  { done, not }: { done: ListOutcome; not: ListOutcome },
): Item[] {
  const seen = new Set<string>();
  return ids.map((customerId) => {
    if (customerId === undefined) return { customerId, outcome: 'NOT_FOUND' };
    const isFirst = !seen.has(customerId) && changed.has(customerId);
    seen.add(customerId);
    return { customerId, outcome: isFirst ? done : not };
  });
}
