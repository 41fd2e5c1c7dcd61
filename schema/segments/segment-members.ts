import {
  countInBoth,
  type Membership,
  readMembers,
  readMemberships,
} from '../../src/domains/segments/read-members.ts';
import { Customer } from '../customers/customer.ts';
import { keptCustomer } from '../customers/customer-rows.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { pageCost } from '../kernel/cost.ts';
import { uuidPattern } from '../kernel/global-id.ts';
import { afterArg, firstArg, pageSize, parsePageCursor, toConnection } from '../kernel/page.ts';
import { createBatch } from '../kernel/per-operation.ts';
import { CustomerAsOf } from '../lifecycles/customer-as-of.ts';
import { findSegment, memberCount, requireSegment, Segment, segmentArg } from './segment.ts';

async function keptSegment(ctx: RequestContext, id: string) {
  const found = await findSegment(ctx, id);
  if (!found) throw new Error(`Segment ${id} is referenced but does not exist`);
  return found;
}

const SegmentMember = builder.objectRef<Membership>('SegmentMember').implement({
  description: 'A customer in a segment.',
  fields: (t) => ({
    customer: t.field({
      type: Customer,
      resolve: ({ customerId }, _args, ctx) => keptCustomer(ctx, customerId),
    }),
    since: t.expose('since', {
      type: 'DateTime',
      description: 'When the customer became a member, in event time.',
    }),
  }),
});

const SegmentMemberConnection = builder.connectionObject(
  { type: SegmentMember, name: 'SegmentMemberConnection' },
  { name: 'SegmentMemberEdge' },
);

const loadMembers = createBatch<Membership[], [{ after: string | null; limit: number }]>(
  ({ tx, workspaceId }, segmentIds, page) => readMembers(tx, workspaceId, { segmentIds, ...page }),
);

interface Overlap {
  both: number;
  onlyThis: number;
  onlyOther: number;
}

const SegmentOverlap = builder.objectRef<Overlap>('SegmentOverlap').implement({
  description: 'The present overlap of two segments.',
  fields: (t) => ({
    both: t.exposeInt('both', { description: 'The number of members of both segments.' }),
    onlyThis: t.exposeInt('onlyThis', {
      description: 'The number of members of this segment only.',
    }),
    onlyOther: t.exposeInt('onlyOther', {
      description: 'The number of members of the other segment only.',
    }),
  }),
});

async function overlapOf(ctx: RequestContext, segmentId: string, key: string): Promise<Overlap> {
  const { id: otherId } = await requireSegment(ctx, key);
  const [own, other] = await Promise.all([memberCount(ctx, segmentId), memberCount(ctx, otherId)]);
  const both = await countInBoth(ctx.tx, ctx.workspaceId, { segmentId, otherId });
  return { both, onlyThis: own - both, onlyOther: other - both };
}

builder.prismaObjectFields('Segment', (t) => ({
  members: t.field({
    type: SegmentMemberConnection,
    description: 'The members, sorted by id, which is the order of first contact.',
    complexity: pageCost,
    args: { first: t.arg.int(firstArg), after: t.arg.string(afterArg) },
    resolve: async ({ id }, args, ctx) => {
      const [after] = parsePageCursor('members', args.after, [uuidPattern]) ?? [];
      const page = { after: after ?? null, limit: pageSize(args).size + 1 };
      const rows = (await loadMembers(ctx, id, page)) ?? [];
      return toConnection({
        list: 'members',
        rows,
        args,
        sortKeyOf: ({ customerId }) => [customerId],
      });
    },
  }),
  overlap: t.field({
    type: SegmentOverlap,
    description: 'The overlap with another segment.',
    args: { with: t.arg.string({ required: true, description: segmentArg }) },
    resolve: ({ id }, args, ctx) => overlapOf(ctx, id, args.with),
  }),
}));

type SegmentSince = Pick<Membership, 'segmentId' | 'since'>;

const CustomerSegment = builder.objectRef<SegmentSince>('CustomerSegment').implement({
  description: 'The membership of a customer in a segment.',
  fields: (t) => ({
    segment: t.field({
      type: Segment,
      resolve: ({ segmentId }, _args, ctx) => keptSegment(ctx, segmentId),
    }),
    since: t.expose('since', {
      type: 'DateTime',
      description: 'When the customer became a member, in event time.',
    }),
  }),
});

const loadMemberships = createBatch<Membership[]>(({ tx, workspaceId }, customerIds) =>
  readMemberships(tx, workspaceId, customerIds),
);

builder.prismaObjectField('Customer', 'segments', (t) =>
  t.field({
    type: [CustomerSegment],
    description:
      'The segments of the customer, sorted by key. Empty for a merged customer; see `mergedInto`.',
    resolve: async ({ id }, _args, ctx) => (await loadMemberships(ctx, id)) ?? [],
  }),
);

builder.objectField(CustomerAsOf, 'segments', (t) =>
  t.field({
    type: [CustomerSegment],
    description: 'The segments at that time, without deleted segments.',
    resolve: async ({ memberships }, _args, ctx) => {
      const found = await Promise.all(
        memberships.map(({ segmentId }) => findSegment(ctx, segmentId)),
      );
      return memberships.filter((_, index) => found[index] !== undefined);
    },
  }),
);
