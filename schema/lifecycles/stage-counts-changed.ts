import type { Following } from '../../src/engine/changes/hub.ts';
import type { Change, ChangeKind } from '../../src/engine/changes/kinds.ts';
import type { PlacedChange } from '../changes/services.ts';
import { type Reset, StreamReset } from '../changes/stream-reset.ts';
import { follow, followArg } from '../changes/watch.ts';
import { builder } from '../kernel/builder.ts';
import { requireLifecycle, stageOf } from './catalogue.ts';
import { lifecycleArg, Stage } from './lifecycle.ts';
import { type Counted, countPresent, StageCounts } from './stage-counts.ts';

interface Delta {
  lifecycleId: string;
  stageKey: string;
  delta: number;
}

interface Difference {
  cursor: string;
  at: Date;
  deltas: Delta[];
}

const StageDelta = builder.objectRef<Delta>('StageDelta').implement({
  description: 'By how many customers a stage has more, or less if negative.',
  fields: (t) => ({
    stage: t.field({
      type: Stage,
      nullable: true,
      description: 'Null if the lifecycle has no such stage any more.',
      resolve: async ({ lifecycleId, stageKey }, _args, ctx) =>
        (await stageOf(ctx, lifecycleId, stageKey)) ?? null,
    }),
    stageKey: t.exposeString('stageKey'),
    delta: t.exposeInt('delta'),
  }),
});

const StageCountsDifference = builder.objectRef<Difference>('StageCountsDifference').implement({
  description: 'What one change made of the counts: to be added to them.',
  fields: (t) => ({
    cursor: t.expose('cursor', { type: 'Cursor', description: 'Up to where the counts now go.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When the change happened.' }),
    deltas: t.field({ type: [StageDelta], resolve: ({ deltas }) => deltas }),
  }),
});

type Payload = Counted | Difference | Reset;

const StageCountsPayload = builder.unionType('StageCountsPayload', {
  description:
    'The counts as they are, a difference to be added to them, or the news that the stream cannot go on; then it ends.',
  types: [StageCounts, StageCountsDifference, StreamReset],
  resolveType: (item) => {
    if ('reset' in item) return StreamReset;
    return 'deltas' in item ? StageCountsDifference : StageCounts;
  },
});

const kinds: readonly ChangeKind[] = ['STAGE_CHANGED', 'CUSTOMER_MERGED'];

/** What a change makes of the counts of a lifecycle. */
function deltasOf(change: Change, lifecycleId: string): Delta[] {
  const step = (stageKey: string | null | undefined, delta: number): Delta[] =>
    typeof stageKey === 'string' ? [{ lifecycleId, stageKey, delta }] : [];
  if (change.kind === 'CUSTOMER_MERGED') return step(change.data.places?.[lifecycleId], -1);
  if (change.kind !== 'STAGE_CHANGED' || change.data.lifecycle !== lifecycleId) return [];
  return [...step(change.data.from, -1), ...step(change.data.to, 1)];
}

const toDifference = ({ change, cursor }: PlacedChange, lifecycleId: string): Difference => ({
  cursor,
  at: change.at,
  deltas: deltasOf(change, lifecycleId),
});

/** First the counts, if they are wanted, then the changes as differences. */
function toPayloads(
  changes: Following,
  { lifecycleId, counted }: { lifecycleId: string; counted: Counted | undefined },
): Following<Payload> {
  let first = counted;
  const payloads: Following<Payload> = {
    async next() {
      if (first) {
        const value = first;
        first = undefined;
        return { done: false, value };
      }
      const { done, value } = await changes.next();
      if (done) return { done, value: undefined };
      return { done: false, value: 'reset' in value ? value : toDifference(value, lifecycleId) };
    },
    async return() {
      await changes.return?.();
      return { done: true, value: undefined };
    },
    // A client without the counts has nothing that differences could be added to.
    examined: () => (first ? undefined : changes.examined()),
    [Symbol.asyncIterator]: () => payloads,
  };
  return payloads;
}

builder.subscriptionField('stageCountsChanged', (t) =>
  t.field({
    type: StageCountsPayload,
    description:
      'How many customers are in each stage of a lifecycle, live: first the counts as they are, then differences. With `after`, only the differences since then. The counts and all differences added up are what `stageCounts` tells at the same cursor.',
    args: {
      lifecycle: t.arg.string({ description: lifecycleArg }),
      after: t.arg({
        type: 'Cursor',
        description: `${followArg} Without it the counts are told first.`,
      }),
    },
    subscribe: async (_root, { after, ...args }, ctx) => {
      const lifecycle = await requireLifecycle(ctx, args.lifecycle);
      const lifecycleId = lifecycle.id;
      // Of the same snapshot as the end of the log, at which the differences begin.
      const counted = ctx.lastEventId || after ? undefined : await countPresent(ctx, lifecycle);
      const matches = (change: Change) => deltasOf(change, lifecycleId).length > 0;
      const changes = await follow(ctx, { after, kinds, matches });
      return toPayloads(changes, { lifecycleId, counted });
    },
    resolve: (payload) => payload,
  }),
);
