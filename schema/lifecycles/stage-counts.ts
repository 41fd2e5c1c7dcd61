import { countStagesAt, type StageCount } from '../../src/domains/lifecycles/stage-counts.ts';
import { formatCursor } from '../../src/engine/changes/cursor.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { moveAdvice, movesPerCustomer, scanCost } from '../kernel/cost.ts';
import { loadLog } from '../kernel/workspace-row.ts';
import { type CatalogueLifecycle, requireLifecycle, stageOf } from './catalogue.ts';
import { Lifecycle, lifecycleArg, loadCounts, Stage } from './lifecycle.ts';

export interface Counted {
  lifecycle: CatalogueLifecycle;
  at: Date;
  cursor: string;
  counts: StageCount[];
}

const StageCountType = builder.objectRef<StageCount>('StageCount').implement({
  description: 'How many customers were in one stage.',
  fields: (t) => ({
    stage: t.field({
      type: Stage,
      nullable: true,
      description: 'Null if the lifecycle has no such stage any more.',
      resolve: async ({ lifecycleId, stageKey: key }, _args, ctx) =>
        (await stageOf(ctx, lifecycleId, key)) ?? null,
    }),
    stageKey: t.exposeString('stageKey'),
    customers: t.exposeInt('customers'),
  }),
});

export const StageCounts = builder.objectRef<Counted>('StageCounts').implement({
  description: 'How many customers were in each stage of a lifecycle at one instant.',
  fields: (t) => ({
    lifecycle: t.field({ type: Lifecycle, resolve: ({ lifecycle }) => lifecycle }),
    at: t.expose('at', { type: 'DateTime' }),
    cursor: t.expose('cursor', {
      type: 'Cursor',
      description:
        'The end of the log when this was counted. From counts of the present `stageCountsChanged(after:)` goes on with it.',
    }),
    counts: t.field({
      type: [StageCountType],
      description:
        'Every stage in order, then those of former versions of the lifecycle that had customers.',
      resolve: ({ counts }) => counts,
    }),
    total: t.int({
      description: 'How many had a place in the lifecycle.',
      resolve: ({ counts }) => counts.reduce((sum, { customers }) => sum + customers, 0),
    }),
  }),
});

/** Every stage of the lifecycle in order, then whatever else was counted. */
export function inOrder(lifecycle: CatalogueLifecycle, counted: readonly StageCount[]) {
  const own = counted.filter(({ lifecycleId }) => lifecycleId === lifecycle.id);
  const present = lifecycle.stages.map(({ key }) => ({
    lifecycleId: lifecycle.id,
    stageKey: key,
    customers: own.find(({ stageKey }) => stageKey === key)?.customers ?? 0,
  }));
  const isFormer = ({ stageKey }: StageCount) =>
    !lifecycle.stages.some(({ key }) => key === stageKey);
  return [...present, ...own.filter(isFormer)];
}

/** What is stored and the end of the log, of one snapshot. */
export async function countPresent(
  ctx: RequestContext,
  lifecycle: CatalogueLifecycle,
): Promise<Counted> {
  const counts = inOrder(lifecycle, await loadCounts(ctx));
  return { lifecycle, at: ctx.now(), cursor: formatCursor(await loadLog(ctx)), counts };
}

async function countPast(ctx: RequestContext, lifecycle: CatalogueLifecycle, at: Date) {
  const { tx, workspaceId } = ctx;
  const counted = await countStagesAt(tx, workspaceId, { lifecycleId: lifecycle.id, at });
  const cursor = formatCursor(await loadLog(ctx));
  return { lifecycle, at, cursor, counts: inOrder(lifecycle, counted) };
}

builder.queryField('stageCounts', (t) =>
  t.field({
    type: StageCounts,
    description:
      'How many customers are in each stage of a lifecycle, or were at an instant gone by.',
    complexity: ({ at }, ctx) => (at ? scanCost(ctx, movesPerCustomer, moveAdvice) : 1),
    args: {
      lifecycle: t.arg.string({ description: lifecycleArg }),
      at: t.arg({ type: 'DateTime', description: 'The present when absent.' }),
    },
    resolve: async (_root, args, ctx): Promise<Counted> => {
      const lifecycle = await requireLifecycle(ctx, args.lifecycle);
      return args.at ? countPast(ctx, lifecycle, args.at) : countPresent(ctx, lifecycle);
    },
  }),
);
