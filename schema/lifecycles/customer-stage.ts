import {
  type CurrentStage,
  loadCurrentStages,
} from '../../src/domains/lifecycles/current-stages.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { createBatch } from '../kernel/per-operation.ts';
import { lifecycleOf, loadCatalogue, requireLifecycle, stageOf } from './catalogue.ts';
import { Lifecycle, lifecycleArg, Stage } from './lifecycle.ts';

const loadPlaces = createBatch<CurrentStage[]>(({ tx, workspaceId, now }, customerIds) =>
  loadCurrentStages(tx, workspaceId, { customerIds, now: now() }),
);

const placesFor = async (ctx: RequestContext, customerId: string): Promise<CurrentStage[]> =>
  (await loadPlaces(ctx, customerId, undefined)) ?? [];

/** Its place in one lifecycle; undefined where it has none. */
export async function placeIn(
  ctx: RequestContext,
  customerId: string,
  lifecycleId: string,
): Promise<CurrentStage | undefined> {
  const places = await placesFor(ctx, customerId);
  return places.find((place) => place.lifecycleId === lifecycleId);
}

export const CustomerStage = builder.objectRef<CurrentStage>('CustomerStage').implement({
  description: "A customer's present place in one lifecycle.",
  fields: (t) => ({
    lifecycle: t.field({
      type: Lifecycle,
      resolve: ({ lifecycleId }, _args, ctx) => lifecycleOf(ctx, lifecycleId),
    }),
    stage: t.field({
      type: Stage,
      resolve: async ({ lifecycleId, stageKey }, _args, ctx) => {
        const stage = await stageOf(ctx, lifecycleId, stageKey);
        if (!stage) throw new Error(`Stage ${stageKey} is referred to, yet does not exist`);
        return stage;
      },
    }),
    since: t.expose('since', {
      type: 'DateTime',
      description: 'When it got there, by the time at which things happened.',
    }),
    pinned: t.exposeBoolean('isPinned', {
      description: 'Somebody pinned it there: rules do not move it.',
    }),
    pinnedUntil: t.expose('pinnedUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'When the pin ends; null for a pin that lasts until it is taken away.',
    }),
  }),
});

builder.prismaObjectFields('Customer', (t) => ({
  stage: t.field({
    type: CustomerStage,
    nullable: true,
    description: 'Its place in one lifecycle. A merged customer has none: its survivor has.',
    args: { lifecycle: t.arg.string({ description: lifecycleArg }) },
    resolve: async ({ id }, args, ctx) => {
      const lifecycle = await requireLifecycle(ctx, args.lifecycle);
      return (await placeIn(ctx, id, lifecycle.id)) ?? null;
    },
  }),
  stages: t.field({
    type: [CustomerStage],
    description: 'Its place in every lifecycle, the default one first.',
    resolve: async ({ id }, _args, ctx) => {
      const places = await placesFor(ctx, id);
      if (places.length < 2) return places;
      const order = (await loadCatalogue(ctx)).map((lifecycle) => lifecycle.id);
      return places.toSorted((a, b) => order.indexOf(a.lifecycleId) - order.indexOf(b.lifecycleId));
    },
  }),
}));
