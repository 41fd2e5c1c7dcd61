import {
  type CurrentStage,
  loadCurrentStages,
} from '../../src/domains/lifecycles/current-stages.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { createBatch } from '../kernel/per-operation.ts';
import { lifecycleOf, loadCatalogue, requireLifecycle, stageOf } from './catalogue.ts';
import { Lifecycle, lifecycleArg, Stage } from './lifecycle.ts';

const loadStages = createBatch<CurrentStage[]>(({ tx, workspaceId, now }, customerIds) =>
  loadCurrentStages(tx, workspaceId, { customerIds, now: now() }),
);

const stagesOfCustomer = async (ctx: RequestContext, customerId: string): Promise<CurrentStage[]> =>
  (await loadStages(ctx, customerId)) ?? [];

/** The stage in one lifecycle; undefined if the customer has none. */
export async function currentStage(
  ctx: RequestContext,
  customerId: string,
  lifecycleId: string,
): Promise<CurrentStage | undefined> {
  const stages = await stagesOfCustomer(ctx, customerId);
  return stages.find((stage) => stage.lifecycleId === lifecycleId);
}

export const CustomerStage = builder.objectRef<CurrentStage>('CustomerStage').implement({
  description: 'The present stage of a customer in one lifecycle.',
  fields: (t) => ({
    lifecycle: t.field({
      type: Lifecycle,
      resolve: ({ lifecycleId }, _args, ctx) => lifecycleOf(ctx, lifecycleId),
    }),
    stage: t.field({
      type: Stage,
      resolve: async ({ lifecycleId, stageKey }, _args, ctx) => {
        const stage = await stageOf(ctx, lifecycleId, stageKey);
        if (!stage) throw new Error(`Stage ${stageKey} is referenced but does not exist`);
        return stage;
      },
    }),
    since: t.expose('since', {
      type: 'DateTime',
      description: 'When the customer entered the stage, in event time.',
    }),
    pinned: t.exposeBoolean('isPinned', {
      description: 'True if the customer is pinned: rules do not move it.',
    }),
    pinnedUntil: t.expose('pinnedUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'When the pin ends. Null if it lasts until `unpinCustomer`.',
    }),
  }),
});

builder.prismaObjectFields('Customer', (t) => ({
  stage: t.field({
    type: CustomerStage,
    nullable: true,
    description: 'The stage in one lifecycle. Null for a merged customer; see `mergedInto`.',
    args: { lifecycle: t.arg.string({ description: lifecycleArg }) },
    resolve: async ({ id }, args, ctx) => {
      const lifecycle = await requireLifecycle(ctx, args.lifecycle);
      return currentStage(ctx, id, lifecycle.id);
    },
  }),
  stages: t.field({
    type: [CustomerStage],
    description: 'The stages in all lifecycles, the default lifecycle first.',
    resolve: async ({ id }, _args, ctx) => {
      const stages = await stagesOfCustomer(ctx, id);
      if (stages.length < 2) return stages;
      const order = (await loadCatalogue(ctx)).map((lifecycle) => lifecycle.id);
      return stages.toSorted((a, b) => order.indexOf(a.lifecycleId) - order.indexOf(b.lifecycleId));
    },
  }),
}));
