import { type GrowthPoint, readGrowth } from '../../src/domains/segments/growth.ts';
import { type Grain, instantsBetween, maxInstants } from '../../src/domains/segments/instants.ts';
import type { Condition } from '../../src/engine/conditions/condition.ts';
import { type CountAt, countAt } from '../../src/engine/conditions/history.ts';
import { InvalidFilter } from '../../src/engine/conditions/invalid-filter.ts';
import { whereHolds } from '../../src/engine/conditions/where.ts';
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
  DAY: { description: "By the calendar of the workspace's time zone, as the longer ones." },
  WEEK: {},
  MONTH: {},
} as const satisfies Record<Grain, { description?: string }>;

const GrainType = builder.enumType('Grain', {
  description: 'How far the points of a row lie apart.',
  values: grains,
});

const GrowthPointType = builder.objectRef<GrowthPoint>('SegmentGrowthPoint').implement({
  description:
    'The members at an instant: those of the point before `+ entered - left - merged = members`.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime' }),
    members: t.exposeInt('members'),
    entered: t.exposeInt('entered', {
      description: 'How often somebody entered since the point before; zero at the first point.',
    }),
    left: t.exposeInt('left', { description: 'How often somebody left since then.' }),
    merged: t.exposeInt('merged', {
      description: 'How many members became part of another customer since then.',
    }),
  }),
});

interface Stretch {
  from: Date;
  to?: Date | null | undefined;
  grain?: Grain | null | undefined;
}

/** @throws InvalidInput */
async function toInstants(ctx: RequestContext, { from, to, grain }: Stretch): Promise<Date[]> {
  const now = ctx.now();
  if (to && to > now) throw new InvalidInput('`to` must not lie in the future.');
  const { timeZone } = await loadWorkspace(ctx);
  return instantsBetween(from, to ?? now, { grain: grain ?? 'DAY', timeZone });
}

const fewerPoints = 'Choose a coarser `grain` or a shorter time: fewer points.';

/** How many points a stretch has at the most. */
function maxPoints({ from, to, grain }: Stretch, now: Date): number {
  const length = (to ?? now).getTime() - from.getTime();
  return Math.min(maxInstants, Math.max(0, Math.floor(length / shortest[grain ?? 'DAY']) + 1));
}

/**
 * What a history goes through for each customer: its past once for all points, and what changes by time alone from
 * point to point.
 */
const historyRows = (points: number) => movesPerCustomer + points / 20;

const hour = 3_600_000;
/** The shortest steps there are: the day on which clocks go forward, and February. */
const shortest = { HOUR: hour, DAY: 23 * hour, WEEK: 167 * hour, MONTH: 671 * hour } as const;

const stretchArg = `At most ${maxInstants} points: \`from\`, and one grain after another up to \`to\`.`;

builder.prismaObjectField('Segment', 'growth', (t) =>
  t.field({
    type: [GrowthPointType],
    description: `How it grew, from the log, under whatever filter was in force. ${stretchArg}`,
    complexity: (stretch, ctx) => ({
      field: scanCost(ctx, movesPerCustomer, moveAdvice),
      multiplier: maxPoints(stretch, ctx.now()),
    }),
    args: {
      from: t.arg({ type: 'DateTime', required: true }),
      to: t.arg({ type: 'DateTime', description: 'The present when absent.' }),
      grain: t.arg({ type: GrainType, defaultValue: 'DAY' }),
    },
    resolve: async ({ id: segmentId }, args, ctx) => {
      const instants = await toInstants(ctx, args);
      return readGrowth(ctx.tx, ctx.workspaceId, { segmentId, instants });
    },
  }),
);

const HistoryPoint = builder.objectRef<CountAt>('SegmentHistoryPoint').implement({
  description: 'How many would have been members at an instant.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime' }),
    count: t.exposeInt('count', { description: 'How many met the filter.' }),
    customers: t.exposeInt('customers', { description: 'How many customers there were.' }),
    share: t.float({
      description: 'The part of the customers that met it, 0 to 1.',
      resolve: ({ count, customers }) => (customers === 0 ? 0 : count / customers),
    }),
  }),
});

interface Preview {
  holds: ReturnType<typeof whereHolds>;
  count: () => Promise<number>;
}

const mostSample = 50;

const SegmentPreview = builder.objectRef<Preview>('SegmentPreview').implement({
  description: 'Who meets a filter at present. Nothing is stored.',
  fields: (t) => ({
    count: t.int({
      description: 'Exactly how many.',
      complexity: scanOf(1, 'Ask for a `sample` alone.'),
      resolve: ({ count }) => count(),
    }),
    share: t.float({
      description: 'The part of all customers that meet it, 0 to 1.',
      complexity: scanOf(1, 'Ask for a `sample` alone.'),
      resolve: async ({ count }, _args, ctx) => shareOfAll(ctx, await count()),
    }),
    sample: t.field({
      type: [Customer],
      description: 'Some of them, those seen last first.',
      complexity: ({ first }, ctx) => ({
        field: scanCost(ctx, 1, 'Ask for one preview at a time.'),
        multiplier: first ?? 10,
      }),
      args: { first: t.arg.int({ defaultValue: 10, description: `At most ${mostSample}.` }) },
      resolve: async ({ holds }, { first }, ctx) => {
        const rows = await findCustomers(ctx.tx, ctx.workspaceId, {
          ...sampled,
          holds,
          limit: requireSize('first', first ?? 10, mostSample),
        });
        return rows.map(({ id }) => keptCustomer(ctx, id));
      },
    }),
  }),
});

const sampled = {
  text: undefined,
  sort: 'LAST_SEEN',
  direction: 'DESC',
  after: undefined,
  before: undefined,
  backwards: false,
} as const;

async function toPreview(ctx: RequestContext, condition: Condition): Promise<Preview> {
  const { tx, workspaceId } = ctx;
  const { timeZone } = await loadWorkspace(ctx);
  const holds = whereHolds(condition, { workspaceId, timeZone, now: ctx.now() });
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
    description: 'Who would be in a segment of this filter.',
    errors: { types: [InvalidFilter] },
    args: { where: t.arg({ type: CustomerFilter, required: true }) },
    resolve: async (_root, { where }, ctx) => toPreview(ctx, await requireCondition(ctx, where)),
  }),
  segmentHistory: t.field({
    type: [HistoryPoint],
    description: `How many customers would have been in a segment of this filter, from the events and the log as far as they are known today. The work grows with the events up to \`to\`, hardly with the number of points. ${stretchArg}`,
    complexity({ where: _, ...stretch }, ctx) {
      const points = maxPoints(stretch, ctx.now());
      return { field: scanCost(ctx, historyRows(points), fewerPoints), multiplier: points };
    },
    args: {
      where: t.arg({ type: CustomerFilter, required: true }),
      from: t.arg({ type: 'DateTime', required: true }),
      to: t.arg({ type: 'DateTime', description: 'The present when absent.' }),
      grain: t.arg({ type: GrainType, defaultValue: 'DAY' }),
    },
    resolve: async (_root, { where, ...stretch }, ctx) => {
      const condition = await requireCondition(ctx, where);
      const instants = await toInstants(ctx, stretch);
      const { timeZone } = await loadWorkspace(ctx);
      const { tx, workspaceId } = ctx;
      return countAt(sqlThrough(tx), { workspaceId, timeZone }, condition, instants);
    },
  }),
}));
