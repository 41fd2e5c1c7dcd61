import type { Interest } from '../../src/engine/changes/topic.ts';
import { InvalidInput } from '../../src/platform/errors.ts';
import { Actor, addCause } from '../changes/cause.ts';
import { type ChangeEntry, defineChange } from '../changes/change.ts';
import { changeArguments, toClauses } from '../changes/change-arguments.ts';
import { StreamResetType } from '../changes/stream-reset.ts';
import { clauseOf, follow, followArg, toStreamItem } from '../changes/watch.ts';
import { findCustomer } from '../customers/customer-rows.ts';
import { builder } from '../kernel/builder.ts';
import type { RequestContext } from '../kernel/context.ts';
import { parseUuid } from '../kernel/global-id.ts';
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
}

async function stageInterest(
  ctx: RequestContext,
  { from, to, ...filter }: StageFilter,
): Promise<Interest> {
  if (!(filter.lifecycle || from || to)) return [];
  const lifecycle = await requireLifecycle(ctx, filter.lifecycle);
  const { id } = lifecycle;
  return [
    [`lifecycle:${id}`],
    ...clauseOf(from && requireStages(lifecycle, from), (key) => `from-stage:${id}/${key}`),
    ...clauseOf(to && requireStages(lifecycle, to), (key) => `to-stage:${id}/${key}`),
  ];
}

/** @throws InvalidInput for an unknown customer */
async function customerInterest(
  ctx: RequestContext,
  customer: string | null | undefined,
): Promise<Interest> {
  if (customer === null || customer === undefined) return [];
  const id = parseUuid('Customer', customer);
  if (!(id && (await findCustomer(ctx, id))))
    throw new InvalidInput('No customer with that id in this workspace.');
  return [[`customer:${id}`]];
}

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
    subscribe: async (_root, { after, customer, ...args }, ctx) => {
      const interest: Interest = [
        ['kind:STAGE_CHANGED'],
        ...(await stageInterest(ctx, args)),
        ...(await toClauses(ctx, args)),
        ...(await customerInterest(ctx, customer)),
      ];
      return follow(ctx, { after, interest });
    },
    resolve: (item) => toStreamItem(item) as ChangeEntry<'STAGE_CHANGED'>,
  }),
);
