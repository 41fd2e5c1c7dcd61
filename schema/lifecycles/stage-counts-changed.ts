import { followed } from '../../src/engine/changes/followed.ts';
import type { Change } from '../../src/engine/changes/kinds.ts';
import type { ChangeWithCursor } from '../changes/services.ts';
import { type Reset, StreamResetType } from '../changes/stream-reset.ts';
import { follow, followArg } from '../changes/watch.ts';
import { builder } from '../kernel/builder.ts';
import { requireLifecycle } from './catalogue.ts';
import { addStageOfKey, lifecycleArg } from './lifecycle.ts';
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
  description: 'The change in the number of customers of a stage, negative for a decrease.',
  fields: (t) => ({
    delta: t.exposeInt('delta'),
  }),
});

addStageOfKey(StageDelta);

const StageCountsDifference = builder.objectRef<Difference>('StageCountsDifference').implement({
  description: 'The effect of one change on the counts. Add it to them.',
  fields: (t) => ({
    cursor: t.expose('cursor', {
      type: 'Cursor',
      description: 'The position in the log that the counts now include.',
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When the change happened.' }),
    deltas: t.expose('deltas', { type: [StageDelta] }),
  }),
});

type Payload = Counted | Difference | Reset;

const StageCountsPayload = builder.unionType('StageCountsPayload', {
  description:
    'The counts, a difference to add to them, or the last item of a stream that cannot be resumed.',
  types: [StageCounts, StageCountsDifference, StreamResetType],
  resolveType: (item) => {
    if ('reset' in item) return StreamResetType;
    return 'deltas' in item ? StageCountsDifference : StageCounts;
  },
});

/** The effect of a change on the counts of a lifecycle. */
function deltasOf(change: Change, lifecycleId: string): Delta[] {
  const step = (stageKey: string | null | undefined, delta: number): Delta[] =>
    typeof stageKey === 'string' ? [{ lifecycleId, stageKey, delta }] : [];
  if (change.kind === 'CUSTOMER_MERGED') return step(change.data.places?.[lifecycleId], -1);
  if (change.kind !== 'STAGE_CHANGED' || change.data.lifecycle !== lifecycleId) return [];
  return [...step(change.data.from, -1), ...step(change.data.to, 1)];
}

const toDifference = ({ change, cursor }: ChangeWithCursor, lifecycleId: string): Difference => ({
  cursor,
  at: change.at,
  deltas: deltasOf(change, lifecycleId),
});

builder.subscriptionField('stageCountsChanged', (t) =>
  t.field({
    type: StageCountsPayload,
    description:
      'The number of customers in each stage of a lifecycle, live: first the counts, then differences. With `after`, only the differences since then. Counts plus differences equal `stageCounts` at the same cursor.',
    args: {
      lifecycle: t.arg.string({ description: lifecycleArg }),
      after: t.arg({
        type: 'Cursor',
        description: `${followArg} Without it, the counts are sent first.`,
      }),
    },
    subscribe: async (_root, { after, ...args }, ctx) => {
      const lifecycle = await requireLifecycle(ctx, args.lifecycle);
      const lifecycleId = lifecycle.id;
      // Of the same snapshot as the end of the log, at which the differences begin.
      const first = ctx.lastEventId || after ? undefined : await countPresent(ctx, lifecycle);
      const { start, interest } = await follow(ctx, {
        after,
        interest: [[`lifecycle:${lifecycleId}`]],
      });
      return followed<Payload>({
        start,
        interest,
        first,
        toItem: (item) => ('reset' in item ? item : toDifference(item, lifecycleId)),
      });
    },
    resolve: (payload) => payload,
  }),
);
