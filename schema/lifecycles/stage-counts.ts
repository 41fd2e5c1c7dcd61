import { countStagesAt, type StageCount } from '../../src/domains/lifecycles/stage-counts.ts';
import { formatCursor } from '../../src/engine/changes/cursor.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { moveAdvice, movesPerCustomer, scanCost } from '../kernel/cost.ts';
import { loadLog } from '../kernel/workspace-row.ts';
import { type CatalogueLifecycle, requireLifecycle } from './catalogue.ts';
import { addStageOfKey, Lifecycle, lifecycleArg, loadCounts } from './lifecycle.ts';

export interface Counted {
  lifecycle: CatalogueLifecycle;
  at: Date;
  cursor: string;
  counts: StageCount[];
}

const StageCountType = builder.objectRef<StageCount>('StageCount').implement({
  description: 'The number of customers in one stage.',
  fields: (t) => ({
    customers: t.exposeInt('customers'),
  }),
});

addStageOfKey(StageCountType);

export const StageCounts = builder.objectRef<Counted>('StageCounts').implement({
  description: 'The number of customers in each stage of a lifecycle at one time.',
  fields: (t) => ({
    lifecycle: t.expose('lifecycle', { type: Lifecycle }),
    at: t.expose('at', { type: 'DateTime' }),
    cursor: t.expose('cursor', {
      type: 'Cursor',
      description:
        'The end of the log at the time of counting. Pass it to `stageCountsChanged(after:)` to continue from present counts.',
    }),
    counts: t.expose('counts', {
      type: [StageCountType],
      description: 'All stages in order, then stages of former versions that had customers.',
    }),
    total: t.int({
      description: 'The number of customers in the lifecycle.',
      resolve: ({ counts }) => counts.reduce((sum, { customers }) => sum + customers, 0),
    }),
  }),
});

/** The counts of all stages in order, then those of former stages. */
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

/** The stored counts and the end of the log, in one snapshot. */
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
      'The number of customers in each stage of a lifecycle, now or at a time in the past.',
    complexity: ({ at }, ctx) => (at ? scanCost(ctx, movesPerCustomer, moveAdvice) : 1),
    args: {
      lifecycle: t.arg.string({ description: lifecycleArg }),
      at: t.arg({ type: 'DateTime', description: 'Default: now.' }),
    },
    resolve: async (_root, args, ctx): Promise<Counted> => {
      const lifecycle = await requireLifecycle(ctx, args.lifecycle);
      return args.at ? countPast(ctx, lifecycle, args.at) : countPresent(ctx, lifecycle);
    },
  }),
);
