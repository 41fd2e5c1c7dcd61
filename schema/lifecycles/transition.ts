import type { Transition } from '../../prisma/generated/client.ts';
import { formatCursor } from '../../src/engine/changes/cursor.ts';
import type { ChangeActor as ActorData, MoveCause } from '../../src/engine/changes/kinds.ts';
import {
  type RecentTransition,
  recentTransitions,
} from '../../src/engine/customers/recent-transitions.ts';
import { Actor, lateText, TransitionCause } from '../changes/cause.ts';
import { Customer } from '../customers/customer.ts';
import { findSurvivor, survivorOf } from '../customers/customer-rows.ts';
import { EventNode, findEvent } from '../customers/event.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { pageCost } from '../kernel/cost.ts';
import { formatGlobalId, parseUuid } from '../kernel/global-id.ts';
import {
  afterArg,
  firstArg,
  numberPattern,
  pageSize,
  parsePageCursor,
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
      description: 'The position in the change log.',
      resolve: async ({ position }, _args, ctx) =>
        formatCursor({ epoch: (await loadLog(ctx)).epoch, position }),
    }),
    customerId: t.id({
      description: 'The id of the customer that the move was recorded for, before any later merge.',
      resolve: ({ customerId }) => formatGlobalId('Customer', customerId),
    }),
    customer: t.field({
      type: Customer,
      description: 'The customer; after a merge, the surviving customer.',
      resolve: ({ customerId }, _args, ctx) => survivorOf(ctx, customerId),
    }),
    lifecycle: t.field({
      type: Lifecycle,
      nullable: true,
      description: 'Null if the lifecycle was deleted since.',
      resolve: ({ lifecycleId }, _args, ctx) => findLifecycleOf(ctx, lifecycleId),
    }),
    from: t.field({
      type: Stage,
      nullable: true,
      description: 'Null on entry into the first stage.',
      resolve: ({ lifecycleId, fromStage }, _args, ctx) => stageOf(ctx, lifecycleId, fromStage),
    }),
    to: t.field({
      type: Stage,
      nullable: true,
      description: 'Null if `toKey` is null or the lifecycle no longer has the stage.',
      resolve: ({ lifecycleId, toStage }, _args, ctx) => stageOf(ctx, lifecycleId, toStage),
    }),
    fromKey: t.exposeString('fromStage', { nullable: true, description: 'The key of `from`.' }),
    toKey: t.exposeString('toStage', {
      nullable: true,
      description:
        'The key of `to` at that time. Null if no stage of the changed rules matches the customer.',
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When the move happened.' }),
    recordedAt: t.expose('recordedAt', {
      type: 'DateTime',
      description: 'When the move was recorded.',
    }),
    cause: t.field({ type: TransitionCause, resolve: ({ cause }) => cause as MoveCause }),
    late: t.exposeBoolean('late', {
      description: lateText,
    }),
    rule: t.expose('rule', {
      type: 'JSON',
      description: 'The rule of the entered stage at that time.',
    }),
    lifecycleVersion: t.exposeInt('lifecycleVersion', {
      description: 'The version of the rules that caused the move.',
    }),
    actor: t.field({
      type: Actor,
      nullable: true,
      description: 'Who made a manual move.',
      // Changes are appended with an actor of this shape.
      resolve: ({ actor }) => actor as ActorData | null,
    }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'The reason given for a manual move.',
    }),
    evidence: t.field({
      type: EventNode,
      nullable: true,
      description: 'The event that caused the move.',
      resolve: ({ eventId }, _args, ctx) => findEvent(ctx, eventId),
    }),
  }),
});

const TransitionConnection = builder.connectionObject({
  type: TransitionType,
  name: 'TransitionConnection',
});

const ofCustomer = 'transitions of a customer';

interface TransitionPage {
  lifecycleId: string | undefined;
  after: { ticks: string; position: string } | undefined;
  limit: number;
}

const loadRecent = createBatch<RecentTransition[], [TransitionPage]>(
  ({ tx, workspaceId }, owners, page) => recentTransitions(tx, workspaceId, { owners, ...page }),
);

function parseAfter(text: string | null | undefined): TransitionPage['after'] {
  const after = parsePageCursor(ofCustomer, text, [ticksPattern, numberPattern]);
  return after && { ticks: after[0], position: after[1] };
}

builder.prismaObjectField('Customer', 'transitions', (t) =>
  t.field({
    type: TransitionConnection,
    description:
      'The moves of the customer and of those merged into it, newest first. Default: in all lifecycles.',
    complexity: pageCost,
    args: {
      first: t.arg.int(firstArg),
      after: t.arg.string(afterArg),
      lifecycle: t.arg.string({ description: 'The key of a lifecycle, case-insensitive.' }),
    },
    resolve: async ({ id }, args, ctx) => {
      const lifecycle = args.lifecycle ? await requireLifecycle(ctx, args.lifecycle) : undefined;
      const page = {
        lifecycleId: lifecycle?.id,
        after: parseAfter(args.after),
        limit: pageSize(args).size + 1,
      };
      const rows = (await loadRecent(ctx, id, page)) ?? [];
      const sortKeyOf = (row: RecentTransition) => [row.ticks.toString(), row.position.toString()];
      return toConnection({ list: ofCustomer, rows, args, sortKeyOf });
    },
  }),
);

interface TransitionArgs {
  lifecycle?: string | null | undefined;
  from?: string | null | undefined;
  to?: string | null | undefined;
  customer?: string | null | undefined;
}

/** The condition of the arguments; undefined if nothing can match it. */
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

// For the whole workspace the order is that of the log, which its primary key provides.
async function readTransitions(
  ctx: RequestContext,
  args: TransitionArgs & { after?: string | null | undefined },
  limit: number,
): Promise<Transition[]> {
  const [before] = parsePageCursor('transitions', args.after, [numberPattern]) ?? [];
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
    description: 'The moves of all customers between stages, most recently recorded first.',
    complexity: pageCost,
    args: {
      lifecycle: t.arg.string({
        description:
          'The key of a lifecycle, case-insensitive. Default: all, or the default lifecycle with `from` or `to`.',
      }),
      from: t.arg.string({ description: 'The key of the previous stage, case-insensitive.' }),
      to: t.arg.string({ description: 'The key of the entered stage, case-insensitive.' }),
      customer: t.arg.id({
        description: 'Only moves of this customer and of those merged into it.',
      }),
      first: t.arg.int(firstArg),
      after: t.arg.string(afterArg),
    },
    resolve: async (_root, args, ctx) => {
      const rows = await readTransitions(ctx, args, pageSize(args).size + 1);
      return toConnection({
        list: 'transitions',
        rows,
        args,
        sortKeyOf: ({ position }) => [position.toString()],
      });
    },
  }),
);
