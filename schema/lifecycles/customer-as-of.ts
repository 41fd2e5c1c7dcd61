import {
  loadPlacementsAt,
  type PastPlacements,
} from '../../src/domains/lifecycles/placements-at.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { createBatch } from '../kernel/per-operation.ts';
import { findLifecycleOf, loadCatalogue, requireLifecycle, stageOf } from './catalogue.ts';
import { Lifecycle, lifecycleArg, Stage } from './lifecycle.ts';

interface PlacementsAsOf extends PastPlacements {
  at: Date;
}

type PastStage = PastPlacements['stages'][number];

const loadPastPlacements = createBatch<PastPlacements, [{ at: Date }]>(
  ({ tx, workspaceId }, customerIds, { at }) =>
    loadPlacementsAt(tx, workspaceId, { customerIds, at }),
);

const StageAsOf = builder.objectRef<PastStage>('StageAsOf').implement({
  description: 'The stage of a customer in one lifecycle at a time in the past.',
  fields: (t) => ({
    lifecycle: t.field({
      type: Lifecycle,
      resolve: async ({ lifecycleId }, _args, ctx) => {
        const found = await findLifecycleOf(ctx, lifecycleId);
        if (!found) throw new Error('A stage of a deleted lifecycle was returned');
        return found;
      },
    }),
    stage: t.field({
      type: Stage,
      nullable: true,
      description: 'The stage in its present state. Null if the lifecycle no longer has it.',
      resolve: ({ lifecycleId, stageKey }, _args, ctx) => stageOf(ctx, lifecycleId, stageKey),
    }),
    stageKey: t.exposeString('stageKey', { description: 'The key of `stage` at that time.' }),
    since: t.expose('since', {
      type: 'DateTime',
      description: 'When the customer entered the stage.',
    }),
  }),
});

/** Sorted like the lifecycles, the default one first, without deleted ones. */
async function sortStages(ctx: RequestContext, { stages }: PastPlacements): Promise<PastStage[]> {
  const catalogue = await loadCatalogue(ctx);
  return catalogue.flatMap(({ id }) => stages.find(({ lifecycleId }) => lifecycleId === id) ?? []);
}

export const CustomerAsOf = builder.objectRef<PlacementsAsOf>('CustomerAsOf').implement({
  description:
    'The stages and segments of a customer at a time in the past, from the change log. Before the customer was first seen, those of the customer that was merged into it.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime' }),
    stage: t.field({
      type: StageAsOf,
      nullable: true,
      description: 'The stage in one lifecycle. Null if the customer had none.',
      args: { lifecycle: t.arg.string({ description: lifecycleArg }) },
      resolve: async ({ stages }, args, ctx) => {
        const { id } = await requireLifecycle(ctx, args.lifecycle);
        return stages.find(({ lifecycleId }) => lifecycleId === id);
      },
    }),
    stages: t.field({
      type: [StageAsOf],
      description: 'The stages in all lifecycles, the default lifecycle first.',
      resolve: (placements, _args, ctx) => sortStages(ctx, placements),
    }),
  }),
});

builder.prismaObjectField('Customer', 'asOf', (t) =>
  t.field({
    type: CustomerAsOf,
    description: 'The stages and segments of the customer at a time in the past.',
    args: { at: t.arg({ type: 'DateTime', required: true }) },
    resolve: async ({ id }, { at }, ctx) => {
      const none: PastPlacements = { stages: [], memberships: [] };
      return { at, ...((await loadPastPlacements(ctx, id, { at })) ?? none) };
    },
  }),
);
