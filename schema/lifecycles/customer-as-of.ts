import {
  loadPlacementsAt,
  type PastPlacements,
} from '../../src/domains/lifecycles/placements-at.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { createBatch } from '../kernel/per-operation.ts';
import { findLifecycleOf, loadCatalogue, requireLifecycle, stageOf } from './catalogue.ts';
import { Lifecycle, lifecycleArg, Stage } from './lifecycle.ts';

interface CustomerThen extends PastPlacements {
  at: Date;
}

type PlaceThen = PastPlacements['stages'][number];

const loadStandings = createBatch<PastPlacements, { at: Date }>(
  ({ tx, workspaceId }, customerIds, { at }) =>
    loadPlacementsAt(tx, workspaceId, { customerIds, at }),
);

const StageAsOf = builder.objectRef<PlaceThen>('StageAsOf').implement({
  description: "A customer's place in one lifecycle at an instant gone by.",
  fields: (t) => ({
    lifecycle: t.field({
      type: Lifecycle,
      resolve: async ({ lifecycleId }, _args, ctx) => {
        const found = await findLifecycleOf(ctx, lifecycleId);
        if (!found) throw new Error('A place in a lifecycle that was deleted was let through');
        return found;
      },
    }),
    stage: t.field({
      type: Stage,
      nullable: true,
      description: 'As it is now. Null if the lifecycle has no such stage any more.',
      resolve: async ({ lifecycleId, stageKey }, _args, ctx) =>
        (await stageOf(ctx, lifecycleId, stageKey)) ?? null,
    }),
    stageKey: t.exposeString('stageKey', { description: 'The key of `stage`, as it was then.' }),
    since: t.expose('since', { type: 'DateTime', description: 'When it had got there.' }),
  }),
});

/** In the order of the lifecycles, the default one first; of deleted ones nothing is told. */
async function placesThen(
  ctx: RequestContext,
  { stages: places }: PastPlacements,
): Promise<PlaceThen[]> {
  const catalogue = await loadCatalogue(ctx);
  return catalogue.flatMap(({ id }) => places.find(({ lifecycleId }) => lifecycleId === id) ?? []);
}

export const CustomerAsOf = builder.objectRef<CustomerThen>('CustomerAsOf').implement({
  description:
    'Where a customer was at an instant gone by, as the log tells it. Before it was first seen itself, this is where the customer was that became part of it.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime' }),
    stage: t.field({
      type: StageAsOf,
      nullable: true,
      description: 'Its place in one lifecycle; null where it had none.',
      args: { lifecycle: t.arg.string({ description: lifecycleArg }) },
      resolve: async ({ stages: places }, args, ctx) => {
        const { id } = await requireLifecycle(ctx, args.lifecycle);
        return places.find(({ lifecycleId }) => lifecycleId === id) ?? null;
      },
    }),
    stages: t.field({
      type: [StageAsOf],
      description: 'Its place in every lifecycle, the default one first.',
      resolve: (then, _args, ctx) => placesThen(ctx, then),
    }),
  }),
});

builder.prismaObjectField('Customer', 'asOf', (t) =>
  t.field({
    type: CustomerAsOf,
    description: 'Its stages and segments at an instant gone by.',
    args: { at: t.arg({ type: 'DateTime', required: true }) },
    resolve: async ({ id }, { at }, ctx) => {
      const nowhere: PastPlacements = { stages: [], memberships: [] };
      return { at, ...((await loadStandings(ctx, id, { at })) ?? nowhere) };
    },
  }),
);
