import type { Segment as SegmentRow } from '../../prisma/generated/client.ts';
import { countMembers } from '../../src/domains/segments/read-members.ts';
import { wasMember } from '../../src/domains/segments/was-member.ts';
import { InvalidInput } from '../../src/platform/errors.ts';
import { addChangeArguments } from '../changes/change-arguments.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { pageCost } from '../kernel/cost.ts';
import { isStorable } from '../kernel/global-id.ts';
import { addUuidNode, keyedById } from '../kernel/node.ts';
import { afterArg, firstArg, pageSize, parsePageCursor, toConnection } from '../kernel/page.ts';
import { createBatch, createRowBatch, perOperation } from '../kernel/per-operation.ts';
import { Build, loadBuild } from '../lifecycles/build.ts';
import { OwnerType, ownerOf } from '../members/owner.ts';

const loadCount = createBatch<number>(({ tx, workspaceId }, ids) =>
  countMembers(tx, workspaceId, ids),
);

/** The present number of members of a segment. */
export const memberCount = async (ctx: RequestContext, segmentId: string): Promise<number> =>
  (await loadCount(ctx, segmentId)) ?? 0;

/** The number of customers, without merged ones. */
export const countAll = perOperation(({ tx, workspaceId }) =>
  tx.customer.count({ where: { workspaceId, mergedInto: null } }),
);

/** The share of all customers, 0 to 1. */
export async function shareOfAll(ctx: RequestContext, count: number): Promise<number> {
  const all = await countAll(ctx);
  return all === 0 ? 0 : count / all;
}

export const Segment = builder.prismaNode('Segment', {
  description: 'A named set of customers: all that match a filter at any time, or a manual list.',
  ...keyedById,
  fields: (t) => ({
    key: t.exposeString('key', {
      description: 'Unique in the workspace, case-insensitive, immutable.',
    }),
    name: t.exposeString('name'),
    description: t.exposeString('description'),
    tags: t.exposeStringList('tags', { description: 'Labels for sorting segments.' }),
    owner: t.field({
      type: OwnerType,
      nullable: true,
      description: 'The owner of the segment.',
      resolve: (row, _args, ctx) => ownerOf(ctx, row),
    }),
    filter: t.expose('filter', {
      type: 'JSON',
      nullable: true,
      description:
        'The active `CustomerFilter`; `{"any": []}` (no customer) while the first one is being built. Null for a manual list.',
    }),
    version: t.exposeInt('version', {
      description: 'The version of the active filter; 0 while the first one is being built.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    count: t.int({
      description: 'The present number of members.',
      resolve: ({ id }, _args, ctx) => memberCount(ctx, id),
    }),
    share: t.float({
      description: 'The share of all customers that are members, 0 to 1.',
      resolve: async ({ id }, _args, ctx) => shareOfAll(ctx, await memberCount(ctx, id)),
    }),
    build: t.field({
      type: Build,
      nullable: true,
      description: 'The build of the latest filter. Null for a manual list.',
      resolve: ({ id }, _args, ctx) => loadBuild(ctx, id),
    }),
  }),
});

/** Undefined if the segment was deleted. */
export const findSegment = createRowBatch((tx, where) => tx.segment.findMany({ where }));

addUuidNode('Segment', findSegment);

const loadByKey = createBatch<SegmentRow>(async ({ tx, workspaceId }, keys) => {
  const rows = await tx.segment.findMany({ where: { workspaceId, key: { in: [...keys] } } });
  return new Map(rows.map((row) => [row.key, row]));
});

const findByKey = async (ctx: RequestContext, key: string): Promise<SegmentRow | undefined> =>
  isStorable(key) ? loadByKey(ctx, key.toUpperCase()) : undefined;

/** @throws InvalidInput */
export async function requireSegment(ctx: RequestContext, key: string): Promise<SegmentRow> {
  const found = await findByKey(ctx, key);
  if (found) return found;
  throw new InvalidInput(
    `No segment has the key ${JSON.stringify(key.slice(0, 64))}. \`segments\` lists them.`,
  );
}

export const segmentArg = 'The key of a segment, case-insensitive.';

addChangeArguments({
  args: (arg) => ({
    segment: arg.string({
      description:
        'The key of a segment, case-insensitive. Only changes of customers that were members after the change.',
    }),
  }),
  async toCondition(ctx, { segment }: { segment?: string | null }) {
    if (segment == null) return undefined;
    return wasMember(ctx.workspaceId, (await requireSegment(ctx, segment)).id);
  },
  async toTopics(ctx, { segment }: { segment?: string | null }) {
    if (segment == null) return undefined;
    return [`member:${(await requireSegment(ctx, segment)).id}`];
  },
});

/** Matches segments whose texts contain the text. */
function mentioning(text: string) {
  const contains = { contains: text, mode: 'insensitive' as const };
  return {
    OR: [{ key: contains }, { name: contains }, { description: contains }, { tags: { has: text } }],
  };
}

const keyPattern = /^[^\0]{1,100}$/;

interface ListArgs {
  first?: number | null | undefined;
  after?: string | null | undefined;
  search?: string | null | undefined;
}

async function listSegments({ tx, workspaceId }: RequestContext, args: ListArgs) {
  const { size } = pageSize(args);
  const [after] = parsePageCursor('segments', args.after, [keyPattern]) ?? [];
  const text = args.search?.trim() ?? '';
  const where = { workspaceId, ...(text !== '' && mentioning(text)) };
  const rows = isStorable(text)
    ? await tx.segment.findMany({
        where: { ...where, ...(after !== undefined && { key: { gt: after } }) },
        orderBy: { key: 'asc' },
        take: size + 1,
      })
    : [];
  const page = toConnection({ list: 'segments', rows, args, sortKeyOf: ({ key }) => [key] });
  return { ...page, total: () => (isStorable(text) ? tx.segment.count({ where }) : 0) };
}

const SegmentConnection = builder.connectionObject(
  {
    type: Segment,
    name: 'SegmentConnection',
    fields: (t) => ({
      totalCount: t.int({
        description: 'The number of segments on all pages. Computed only if selected.',
        resolve: (page) => (page as Awaited<ReturnType<typeof listSegments>>).total(),
      }),
    }),
  },
  { name: 'SegmentEdge' },
);

builder.queryFields((t) => ({
  segment: t.field({
    type: Segment,
    nullable: true,
    description: 'One segment. Null if none has the key.',
    args: { key: t.arg.string({ required: true, description: segmentArg }) },
    resolve: (_root, { key }, ctx) => findByKey(ctx, key),
  }),
  segments: t.field({
    type: SegmentConnection,
    description: 'The segments of the workspace, sorted by key.',
    complexity: pageCost,
    args: {
      first: t.arg.int(firstArg),
      after: t.arg.string(afterArg),
      search: t.arg.string({
        description:
          'A substring of the key, name or description, case-insensitive, or a whole tag.',
      }),
    },
    resolve: (_root, args, ctx) => listSegments(ctx, args),
  }),
}));
