import type { Change, ChangeKind } from '../../src/engine/changes/kinds.ts';
import { Actor, addCause } from '../changes/cause.ts';
import { type ChangeEntry, defineChange } from '../changes/change.ts';
import { changeArguments, toChangeLimits } from '../changes/change-arguments.ts';
import { createCustomerMatcher } from '../changes/match-customer.ts';
import { StreamResetType } from '../changes/stream-reset.ts';
import { follow, followArg, toStreamItem } from '../changes/watch.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { findLifecycleOf, requireLifecycle, requireStages, stageOf } from './catalogue.ts';
import { Lifecycle, lifecycleArg, Stage } from './lifecycle.ts';

const StageChanged = defineChange(
  'STAGE_CHANGED',
  'StageChanged',
  'A customer moved between two stages of a lifecycle, forwards or backwards.',
);

addCause(StageChanged);

builder.objectFields(StageChanged, (t) => ({
  lifecycle: t.field({
    type: Lifecycle,
    nullable: true,
    description: 'The lifecycle in its present state. Null if it was deleted since.',
    resolve: ({ change }, _args, ctx) => findLifecycleOf(ctx, change.data.lifecycle),
  }),
  from: t.field({
    type: Stage,
    nullable: true,
    description: 'Null on entry into the first stage. `fromKey` is cheaper if the key is enough.',
    resolve: ({ change: { data } }, _args, ctx) => stageOf(ctx, data.lifecycle, data.from),
  }),
  to: t.field({
    type: Stage,
    nullable: true,
    description: 'Null if `toKey` is null or the lifecycle no longer has the stage.',
    resolve: ({ change: { data } }, _args, ctx) => stageOf(ctx, data.lifecycle, data.to),
  }),
  fromKey: t.string({
    nullable: true,
    description: 'The key of `from`, without loading it.',
    resolve: ({ change }) => change.data.from,
  }),
  toKey: t.string({
    nullable: true,
    description:
      'The key of `to`, without loading it. Null if no stage of the changed rules matches the customer.',
    resolve: ({ change }) => change.data.to,
  }),
  rule: t.field({
    type: 'JSON',
    description: 'The rule of the entered stage at that time.',
    resolve: ({ change }) => change.data.rule,
  }),
  lifecycleVersion: t.int({
    description: 'The version of the rules that caused the move.',
    resolve: ({ change }) => change.data.version,
  }),
  actor: t.field({
    type: Actor,
    nullable: true,
    description: 'Who made a manual move.',
    resolve: ({ change }) => change.data.actor ?? null,
  }),
  reason: t.string({
    nullable: true,
    description: 'The reason given for a manual move.',
    resolve: ({ change }) => change.data.reason ?? null,
  }),
}));

interface StageFilter {
  lifecycle?: string | null | undefined;
  from?: readonly string[] | null | undefined;
  to?: readonly string[] | null | undefined;
  customer?: string | null | undefined;
}

/** Decides on the change row alone, so that a change costs no query per subscriber. */
async function createStageMatcher(
  ctx: RequestContext,
  filter: StageFilter,
): Promise<(change: Change) => boolean> {
  const needed = filter.lifecycle || filter.from || filter.to;
  const lifecycle = needed ? await requireLifecycle(ctx, filter.lifecycle) : undefined;
  const from = lifecycle && filter.from ? requireStages(lifecycle, filter.from) : undefined;
  const to = lifecycle && filter.to ? requireStages(lifecycle, filter.to) : undefined;
  const matchesCustomer = await createCustomerMatcher(ctx, filter.customer);
  return (change) => {
    // Called for changes of every kind, because merges change which ids match.
    const isOfCustomer = matchesCustomer(change);
    if (change.kind !== 'STAGE_CHANGED') return false;
    const { data } = change;
    return (
      isOfCustomer &&
      (!lifecycle || data.lifecycle === lifecycle.id) &&
      (!from || (data.from !== null && from.includes(data.from))) &&
      (!to || (data.to !== null && to.includes(data.to)))
    );
  };
}

const stageKinds: readonly ChangeKind[] = ['STAGE_CHANGED'];
const customerKinds: readonly ChangeKind[] = [
  'STAGE_CHANGED',
  'CUSTOMER_MERGED',
  'CUSTOMER_UNMERGED',
];

const StageChangedPayload = builder.unionType('StageChangedPayload', {
  description: 'A transition, or the last item of a stream that cannot be resumed.',
  types: [StageChanged, StreamResetType],
  resolveType: (item) => ('reset' in item ? StreamResetType : StageChanged),
});

builder.subscriptionField('stageChanged', (t) =>
  t.field({
    type: StageChangedPayload,
    description:
      'Moves of customers between stages. `customer` and `lifecycle` are in their state at delivery.',
    args: {
      lifecycle: t.arg.string({
        description: `${lifecycleArg} Without \`lifecycle\`, \`from\` and \`to\`: all lifecycles.`,
      }),
      from: t.arg.stringList({
        description: 'Only moves out of these stages, by their keys, case-insensitive.',
      }),
      to: t.arg.stringList({
        description: 'Only moves into these stages, by their keys, case-insensitive.',
      }),
      customer: t.arg.id({
        description: 'Only moves of this customer. The id of a merged customer is accepted.',
      }),
      ...changeArguments(t.arg),
      after: t.arg({ type: 'Cursor', description: followArg }),
    },
    subscribe: async (_root, args, ctx) => {
      const limits = await toChangeLimits(ctx, args);
      return follow(ctx, {
        after: args.after,
        kinds: args.customer ? customerKinds : stageKinds,
        matches: await createStageMatcher(ctx, args),
        ...limits,
      });
    },
    resolve: (item) => toStreamItem(item) as ChangeEntry<'STAGE_CHANGED'>,
  }),
);
