import { type GrowthPoint, readGrowth } from '../../src/domains/segments/growth.ts';
import { type Grain, instantsBetween, maxInstants } from '../../src/domains/segments/instants.ts';
import type { Condition } from '../../src/engine/conditions/condition.ts';
import { countMatchesAt, type MatchCount } from '../../src/engine/conditions/history.ts';
import { InvalidFilter } from '../../src/engine/conditions/invalid-filter.ts';
import { conditionSql } from '../../src/engine/conditions/where.ts';
import { countCustomers, findCustomers } from '../../src/engine/customers/search.ts';
import { sqlThrough } from '../../src/platform/database.ts';
import { InvalidInput } from '../../src/platform/errors.ts';
import { Customer } from '../customers/customer.ts';
import { keptCustomer } from '../customers/customer-rows.ts';
import { CustomerFilter, requireCondition } from '../filter/filter.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { moveAdvice, movesPerCustomer, scanCost, scanOf } from '../kernel/cost.ts';
import { requireSize } from '../kernel/page.ts';
import { loadWorkspace } from '../kernel/workspace-row.ts';
import { shareOfAll } from './segment.ts';

const grains = {
  HOUR: {},
  DAY: { description: "Days, weeks and months follow the calendar in the workspace's time zone." },
  WEEK: {},
  MONTH: {},
} as const satisfies Record<Grain, { description?: string }>;

const GrainType = builder.enumType('Grain', {
  description: 'The distance between the points of a time series.',
  values: grains,
});

const GrowthPointType = builder.objectRef<GrowthPoint>('SegmentGrowthPoint').implement({
  description:
    'The members at one time: members of the previous point `+ entered - left - merged = members`.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime' }),
    members: t.exposeInt('members'),
    entered: t.exposeInt('entered', {
      description: 'The number of entries since the previous point. Zero at the first point.',
    }),
    left: t.exposeInt('left', { description: 'The number of exits since the previous point.' }),
    merged: t.exposeInt('merged', {
      description: 'The number of members merged into another customer since the previous point.',
    }),
  }),
});

interface TimeRange {
  from: Date;
  to?: Date | null | undefined;
  grain?: Grain | null | undefined;
}

/** @throws InvalidInput */
async function toInstants(ctx: RequestContext, { from, to, grain }: TimeRange): Promise<Date[]> {
  const now = ctx.now();
  if (to && to > now) throw new InvalidInput('`to` must not be in the future.');
  const { timeZone } = await loadWorkspace(ctx);
  return instantsBetween(from, to ?? now, { grain: grain ?? 'DAY', timeZone });
}

const fewerPoints = 'Choose a coarser `grain` or a shorter time range.';

/** The maximum number of points of a time range. */
function maxPoints({ from, to, grain }: TimeRange, now: Date): number {
  const length = (to ?? now).getTime() - from.getTime();
  return Math.min(maxInstants, Math.max(0, Math.floor(length / shortest[grain ?? 'DAY']) + 1));
}

/**
 * The rows that a history reads per customer: its past once for all points, and what changes by time alone
 * between the points.
 */
const historyRows = (points: number) => movesPerCustomer + points / 20;

const hour = 3_600_000;
/** The shortest steps: the day on which clocks go forward, and February. */
const shortest = { HOUR: hour, DAY: 23 * hour, WEEK: 167 * hour, MONTH: 671 * hour } as const;

const rangeArg = `At most ${maxInstants} points from \`from\` to \`to\`, one per grain.`;

builder.prismaObjectField('Segment', 'growth', (t) =>
  t.field({
    type: [GrowthPointType],
    description: `The number of members over time, from the change log, by the filter active at each time. ${rangeArg}`,
    complexity: (range, ctx) => ({
      field: scanCost(ctx, movesPerCustomer, moveAdvice),
      multiplier: maxPoints(range, ctx.now()),
    }),
    args: {
      from: t.arg({ type: 'DateTime', required: true }),
      to: t.arg({ type: 'DateTime', description: 'Default: now.' }),
      grain: t.arg({ type: GrainType, defaultValue: 'DAY' }),
    },
    resolve: async ({ id: segmentId }, args, ctx) => {
      const instants = await toInstants(ctx, args);
      return readGrowth(ctx.tx, ctx.workspaceId, { segmentId, instants });
    },
  }),
);

const HistoryPoint = builder.objectRef<MatchCount>('SegmentHistoryPoint').implement({
  description: 'The number of matching customers at one time.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime' }),
    count: t.exposeInt('count', {
      description: 'The number of customers that matched the filter.',
    }),
    customers: t.exposeInt('customers', { description: 'The number of all customers.' }),
    share: t.float({
      description: 'The share of customers that matched, 0 to 1.',
      resolve: ({ count, customers }) => (customers === 0 ? 0 : count / customers),
    }),
  }),
});

interface Preview {
  holds: ReturnType<typeof conditionSql>;
  count: () => Promise<number>;
}

const maxSample = 50;

const SegmentPreview = builder.objectRef<Preview>('SegmentPreview').implement({
  description: 'The customers that match a filter now. Nothing is stored.',
  fields: (t) => ({
    count: t.int({
      description: 'The exact number of matching customers.',
      complexity: scanOf(1, 'Request only a `sample`.'),
      resolve: ({ count }) => count(),
    }),
    share: t.float({
      description: 'The share of all customers that match, 0 to 1.',
      complexity: scanOf(1, 'Request only a `sample`.'),
      resolve: async ({ count }, _args, ctx) => shareOfAll(ctx, await count()),
    }),
    sample: t.field({
      type: [Customer],
      description: 'A sample of matching customers, most recently seen first.',
      complexity: ({ first }, ctx) => ({
        field: scanCost(ctx, 1, 'Request one preview at a time.'),
        multiplier: first ?? 10,
      }),
      args: { first: t.arg.int({ defaultValue: 10, description: `1 to ${maxSample}.` }) },
      resolve: async ({ holds }, { first }, ctx) => {
        const rows = await findCustomers(ctx.tx, ctx.workspaceId, {
          ...sampled,
          holds,
          limit: requireSize('first', first ?? 10, maxSample),
        });
        return rows.map(({ id }) => keptCustomer(ctx, id));
      },
    }),
  }),
});

const sampled = {
  text: undefined,
  sort: { fact: 'lastSeenAt' },
  direction: 'DESC',
  after: undefined,
  before: undefined,
  backwards: false,
} as const;

async function toPreview(ctx: RequestContext, condition: Condition): Promise<Preview> {
  const { tx, workspaceId } = ctx;
  const { timeZone } = await loadWorkspace(ctx);
  const holds = conditionSql(condition, { workspaceId, timeZone, now: ctx.now() });
  let counted: Promise<number> | undefined;
  return {
    holds,
    count() {
      counted ??= countCustomers(tx, workspaceId, { text: undefined, holds });
      return counted;
    },
  };
}

builder.queryFields((t) => ({
  segmentPreview: t.field({
    type: SegmentPreview,
    description: 'The members that a segment with this filter would have.',
    errors: { types: [InvalidFilter] },
    args: { where: t.arg({ type: CustomerFilter, required: true }) },
    resolve: async (_root, { where }, ctx) => toPreview(ctx, await requireCondition(ctx, where)),
  }),
  segmentHistory: t.field({
    type: [HistoryPoint],
    description: `The number of members that a segment with this filter would have had over time, from the events and the log as known today. The cost grows with the events up to \`to\`, hardly with the number of points. ${rangeArg}`,
    complexity({ where: _, ...range }, ctx) {
      const points = maxPoints(range, ctx.now());
      return { field: scanCost(ctx, historyRows(points), fewerPoints), multiplier: points };
    },
    args: {
      where: t.arg({ type: CustomerFilter, required: true }),
      from: t.arg({ type: 'DateTime', required: true }),
      to: t.arg({ type: 'DateTime', description: 'Default: now.' }),
      grain: t.arg({ type: GrainType, defaultValue: 'DAY' }),
    },
    resolve: async (_root, { where, ...range }, ctx) => {
      const condition = await requireCondition(ctx, where);
      const instants = await toInstants(ctx, range);
      const { timeZone } = await loadWorkspace(ctx);
      const { tx, workspaceId } = ctx;
      return countMatchesAt(
        sqlThrough(tx, workspaceId),
        { workspaceId, timeZone },
        condition,
        instants,
      );
    },
  }),
}));
