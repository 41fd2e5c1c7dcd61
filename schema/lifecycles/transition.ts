import type { Transition } from '../../prisma/generated/client.ts';
import { formatCursor } from '../../src/engine/changes/cursor.ts';
import type { Actor as ActorData, MoveCause } from '../../src/engine/changes/kinds.ts';
import {
  type RecentTransition,
  recentTransitions,
} from '../../src/engine/customers/recent-transitions.ts';
import { Actor, lateText, TransitionCause } from '../changes/cause.ts';
import { Customer } from '../customers/customer.ts';
import { findSurvivor, survivorOf } from '../customers/customer-rows.ts';
import { Event, findEvent } from '../customers/event.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { pageCost } from '../kernel/cost.ts';
import { parseUuid } from '../kernel/global-id.ts';
import {
  afterArg,
  firstArg,
  numberPattern,
  pageSize,
  parsePlace,
  ticksPattern,
  toConnection,
} from '../kernel/page.ts';
import { createBatch } from '../kernel/per-operation.ts';
import { loadLog } from '../kernel/workspace-row.ts';
import { findLifecycleOf, requireLifecycle, requireStages, stageOf } from './catalogue.ts';
import { Lifecycle, Stage } from './lifecycle.ts';

const TransitionType = builder.prismaObject('Transition', {
  description: 'A move of a customer between two stages of one lifecycle, forwards or backwards.',
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'Its place in the change log.',
      resolve: async ({ position }, _args, ctx) =>
        formatCursor({ epoch: (await loadLog(ctx)).epoch, position }),
    }),
    customer: t.field({
      type: Customer,
      description: 'Whose it is now: after a merge, the survivor.',
      resolve: ({ customerId }, _args, ctx) => survivorOf(ctx, customerId),
    }),
    lifecycle: t.field({
      type: Lifecycle,
      nullable: true,
      description: 'Null only if the lifecycle was deleted since.',
      resolve: async ({ lifecycleId }, _args, ctx) =>
        (await findLifecycleOf(ctx, lifecycleId)) ?? null,
    }),
    from: t.field({
      type: Stage,
      nullable: true,
      description: 'Null at the first stage of all.',
      resolve: async ({ lifecycleId, fromStage }, _args, ctx) =>
        fromStage === null ? null : ((await stageOf(ctx, lifecycleId, fromStage)) ?? null),
    }),
    to: t.field({
      type: Stage,
      nullable: true,
      description: 'Null if the lifecycle has no such stage any more, and where `toKey` is.',
      resolve: async ({ lifecycleId, toStage }, _args, ctx) =>
        toStage === null ? null : ((await stageOf(ctx, lifecycleId, toStage)) ?? null),
    }),
    fromKey: t.exposeString('fromStage', { nullable: true, description: 'The key of `from`.' }),
    toKey: t.exposeString('toStage', {
      nullable: true,
      description:
        'The key of `to`, as it was then. Null only where new rules left the customer without a stage.',
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When it happened.' }),
    recordedAt: t.expose('recordedAt', {
      type: 'DateTime',
      description: 'When it was learned of.',
    }),
    cause: t.field({ type: TransitionCause, resolve: ({ cause }) => cause as MoveCause }),
    late: t.exposeBoolean('late', {
      description: lateText,
    }),
    rule: t.expose('rule', {
      type: 'JSON',
      description: 'The rule of the stage it moved to, as it was then.',
    }),
    lifecycleVersion: t.exposeInt('lifecycleVersion', {
      description: 'The version of the rules by which it moved.',
    }),
    actor: t.field({
      type: Actor,
      nullable: true,
      description: 'Who made a move by hand.',
      // Written by whoever appended the change, in this shape.
      resolve: ({ actor }) => actor as ActorData | null,
    }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'Why somebody moved the customer by hand, in their words.',
    }),
    evidence: t.field({
      type: Event,
      nullable: true,
      description: 'The event that brought it about.',
      resolve: async ({ eventId }, _args, ctx) =>
        eventId === null ? null : ((await findEvent(ctx, eventId)) ?? null),
    }),
  }),
});

const TransitionConnection = builder.connectionObject({
  type: TransitionType,
  name: 'TransitionConnection',
});

interface TransitionPage {
  lifecycleId: string | undefined;
  after: { ticks: string; position: string } | undefined;
  limit: number;
}

const loadRecent = createBatch<RecentTransition[], TransitionPage>(
  ({ tx, workspaceId }, owners, page) => recentTransitions(tx, workspaceId, { owners, ...page }),
);

function parseAfter(after: string | null | undefined): TransitionPage['after'] {
  if (after === null || after === undefined) return undefined;
  const [ticks = '', position = ''] = parsePlace('transitions of a customer', after, [
    ticksPattern,
    numberPattern,
  ]);
  return { ticks, position };
}

builder.prismaObjectField('Customer', 'transitions', (t) =>
  t.field({
    type: TransitionConnection,
    description:
      'Its moves between stages, newest first, those of customers merged into it included; of every lifecycle when none is named.',
    complexity: pageCost,
    args: {
      first: t.arg.int(firstArg),
      after: t.arg.string(afterArg),
      lifecycle: t.arg.string({ description: 'The key of a lifecycle, in any case.' }),
    },
    resolve: async ({ id }, args, ctx) => {
      const lifecycle = args.lifecycle ? await requireLifecycle(ctx, args.lifecycle) : undefined;
      const page = {
        lifecycleId: lifecycle?.id,
        after: parseAfter(args.after),
        limit: pageSize(args).size + 1,
      };
      const rows = (await loadRecent(ctx, id, page)) ?? [];
      const placeOf = (row: RecentTransition) => [row.ticks.toString(), row.position.toString()];
      return toConnection({ list: 'transitions of a customer', rows, args, placeOf });
    },
  }),
);

interface TransitionArgs {
  lifecycle?: string | null | undefined;
  from?: string | null | undefined;
  to?: string | null | undefined;
  customer?: string | null | undefined;
}

/** The condition that the arguments stand for; undefined when nothing can meet it. */
async function toWhere(ctx: RequestContext, args: TransitionArgs) {
  const lifecycle =
    args.lifecycle || args.from || args.to
      ? await requireLifecycle(ctx, args.lifecycle)
      : undefined;
  const [fromStage] = lifecycle && args.from ? requireStages(lifecycle, [args.from]) : [];
  const [toStage] = lifecycle && args.to ? requireStages(lifecycle, [args.to]) : [];
  const where = {
    ...(lifecycle && { lifecycleId: lifecycle.id }),
    ...(fromStage !== undefined && { fromStage }),
    ...(toStage !== undefined && { toStage }),
  };
  if (args.customer === null || args.customer === undefined) return where;
  const id = parseUuid('Customer', args.customer);
  const survivor = id && (await findSurvivor(ctx, id));
  const family = survivor && { OR: [{ id: survivor.id }, { mergedInto: survivor.id }] };
  return family && { ...where, customer: family };
}

// Of the whole workspace the order is that of the log, whose key is its index.
async function readTransitions(
  ctx: RequestContext,
  args: TransitionArgs & { after?: string | null | undefined },
  limit: number,
): Promise<Transition[]> {
  const [before] = args.after == null ? [] : parsePlace('transitions', args.after, [numberPattern]);
  const where = await toWhere(ctx, args);
  if (!where) return [];
  return ctx.tx.transition.findMany({
    where: {
      workspaceId: ctx.workspaceId,
      ...where,
      ...(before !== undefined && { position: { lt: BigInt(before) } }),
    },
    orderBy: { position: 'desc' },
    take: limit,
  });
}

builder.queryField('transitions', (t) =>
  t.field({
    type: TransitionConnection,
    description: 'The moves of all customers between stages, the one recorded last first.',
    complexity: pageCost,
    args: {
      lifecycle: t.arg.string({
        description:
          'The key of a lifecycle, in any case. With `from` or `to` the default is meant.',
      }),
      from: t.arg.string({ description: 'The key of the stage moved from, in any case.' }),
      to: t.arg.string({ description: 'The key of the stage moved to, in any case.' }),
      customer: t.arg.id({ description: 'Only of this customer and those merged into it.' }),
      first: t.arg.int(firstArg),
      after: t.arg.string(afterArg),
    },
    resolve: async (_root, args, ctx) => {
      const rows = await readTransitions(ctx, args, pageSize(args).size + 1);
      return toConnection({
        list: 'transitions',
        rows,
        args,
        placeOf: ({ position }) => [position.toString()],
      });
    },
  }),
);
