import { formatCursor } from '../../src/engine/changes/cursor.ts';
import {
  type ChangeKind,
  type Change as ChangeRow,
  changeKinds,
} from '../../src/engine/changes/kinds.ts';
import { Customer } from '../customers/customer.ts';
import { keptCustomer, survivorOf } from '../customers/customer-rows.ts';
import { findMerge, Merge } from '../customers/merge.ts';
import { builder } from '../kernel/builder.ts';
import type { Reset, ResetReason } from '../kernel/context.ts';
import { formatGlobalId } from '../kernel/global-id.ts';
import { loadLog } from '../kernel/workspace-row.ts';
import { findLifecycleOf, stageOf } from '../lifecycles/catalogue.ts';
import { Lifecycle, Stage } from '../lifecycles/lifecycle.ts';
import { addEvidence } from '../lifecycles/move-evidence.ts';
import { Actor } from '../lifecycles/transition.ts';
import { findSegment, Segment } from '../segments/segment.ts';

// A table rather than a generic interface, whose members would not be assignable to the whole.
type ToldByKind = {
  [K in ChangeKind]: { change: Extract<ChangeRow, { kind: K }>; cursor?: string };
};

/** A change of one kind or any, and its cursor where it is known already. */
export type Told<K extends ChangeKind = ChangeKind> = ToldByKind[K];

/** The same value: TypeScript does not see that a pair with a union inside is a union of pairs. */
export const asTold = (placed: { change: ChangeRow; cursor?: string }) => placed as Told;

export const ChangeKindType = builder.enumType('ChangeKind', {
  description: 'The kinds of entries in the change log; each has a type of its own.',
  values: changeKinds,
});

const typeNames = {
  CUSTOMER_CREATED: 'CustomerCreated',
  CUSTOMER_MERGED: 'CustomerMerged',
  CUSTOMER_UNMERGED: 'CustomerUnmerged',
  STAGE_CHANGED: 'StageChanged',
  SEGMENT_ENTERED: 'SegmentEntered',
  SEGMENT_LEFT: 'SegmentLeft',
  CHURN_RISK_BAND_CHANGED: 'ChurnRiskBandChanged',
  CHURN_RISK_FLAGGED: 'ChurnRiskFlagged',
  CHURN_RISK_CLEARED: 'ChurnRiskCleared',
} as const satisfies Record<ChangeKind, string>;

export const typeOfChange = ({ change }: Told) => typeNames[change.kind];

export const Change = builder.interfaceRef<Told>('Change').implement({
  description: 'One entry of the change log: a fact that can be watched, replayed and listed.',
  resolveType: typeOfChange,
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'Its place in the log; pass it as `after` to go on from here.',
      resolve: async ({ change, cursor }, _args, ctx) =>
        cursor ?? formatCursor({ epoch: (await loadLog(ctx)).epoch, position: change.position }),
    }),
    at: t.field({
      type: 'DateTime',
      description: 'When it happened.',
      resolve: ({ change }) => change.at,
    }),
    recordedAt: t.field({
      type: 'DateTime',
      description: 'When it was learned of; changes follow one another by this time.',
      resolve: ({ change }) => change.recordedAt,
    }),
    customer: t.field({
      type: Customer,
      description:
        'The customer as it is now, not as it was then. After a merge this is the survivor.',
      resolve: ({ change }, _args, ctx) => survivorOf(ctx, change.customerId),
    }),
  }),
});

export const CustomerCreated = builder
  .objectRef<Told<'CUSTOMER_CREATED'>>('CustomerCreated')
  .implement({
    description: 'Somebody unknown was seen for the first time.',
    interfaces: [Change],
  });

const CustomerMergedRef = builder.objectRef<Told<'CUSTOMER_MERGED'>>('CustomerMerged');
const CustomerUnmergedRef = builder.objectRef<Told<'CUSTOMER_UNMERGED'>>('CustomerUnmerged');

export const CustomerMerged = CustomerMergedRef.implement({
  description: 'Two customers turned out to be one. It belongs to the one that stays.',
  interfaces: [Change],
});

export const CustomerUnmerged = CustomerUnmergedRef.implement({
  description: 'A merge was undone: the two are two customers again.',
  interfaces: [Change],
});

for (const ref of [CustomerMergedRef, CustomerUnmergedRef]) {
  builder.objectFields(ref, (t) => ({
    merge: t.field({
      type: Merge,
      nullable: true,
      resolve: async ({ change }, _args, ctx) => (await findMerge(ctx, change.data.merge)) ?? null,
    }),
    from: t.field({
      type: Customer,
      description: 'The customer that was merged, as it is kept.',
      resolve: ({ change }, _args, ctx) => keptCustomer(ctx, change.data.from),
    }),
    into: t.field({
      type: Customer,
      description: 'The customer it was merged into, as it is kept.',
      resolve: ({ change }, _args, ctx) => keptCustomer(ctx, change.data.into),
    }),
    fromId: t.id({
      description: 'The id of `from`, without reading it.',
      resolve: ({ change }) => formatGlobalId('Customer', change.data.from),
    }),
    intoId: t.id({
      description: 'The id of `into`, without reading it.',
      resolve: ({ change }) => formatGlobalId('Customer', change.data.into),
    }),
  }));
}

const StageChangedRef = builder.objectRef<Told<'STAGE_CHANGED'>>('StageChanged');
addEvidence(StageChangedRef);

export const StageChanged = StageChangedRef.implement({
  description: 'A customer moved between two stages of one lifecycle, forwards or backwards.',
  interfaces: [Change],
  fields: (t) => ({
    lifecycle: t.field({
      type: Lifecycle,
      nullable: true,
      description: 'As it is now. Null only if it was deleted since.',
      resolve: async ({ change }, _args, ctx) =>
        (await findLifecycleOf(ctx, change.data.lifecycle)) ?? null,
    }),
    from: t.field({
      type: Stage,
      nullable: true,
      description: 'Null at the first stage of all. `fromKey` is cheaper where the key is enough.',
      resolve: async ({ change: { data } }, _args, ctx) =>
        data.from === null ? null : ((await stageOf(ctx, data.lifecycle, data.from)) ?? null),
    }),
    to: t.field({
      type: Stage,
      nullable: true,
      description: 'Null if the lifecycle has no such stage any more, and where `toKey` is.',
      resolve: async ({ change: { data } }, _args, ctx) =>
        data.to === null ? null : ((await stageOf(ctx, data.lifecycle, data.to)) ?? null),
    }),
    fromKey: t.string({
      nullable: true,
      description: 'The key of `from`, without reading it.',
      resolve: ({ change }) => change.data.from,
    }),
    toKey: t.string({
      nullable: true,
      description:
        'The key of `to`, without reading it. Null only where new rules left the customer without a stage.',
      resolve: ({ change }) => change.data.to,
    }),
    rule: t.field({
      type: 'JSON',
      description: 'The rule of the stage it moved to, as it was then.',
      resolve: ({ change }) => change.data.rule,
    }),
    lifecycleVersion: t.int({
      description: 'The version of the rules by which it moved.',
      resolve: ({ change }) => change.data.version,
    }),
    actor: t.field({
      type: Actor,
      nullable: true,
      description: 'Who made a move by hand.',
      resolve: ({ change }) => change.data.actor ?? null,
    }),
    reason: t.string({
      nullable: true,
      description: 'Why somebody moved the customer by hand, in their words.',
      resolve: ({ change }) => change.data.reason ?? null,
    }),
  }),
});

const SegmentEnteredRef = builder.objectRef<Told<'SEGMENT_ENTERED'>>('SegmentEntered');
const SegmentLeftRef = builder.objectRef<Told<'SEGMENT_LEFT'>>('SegmentLeft');

export const SegmentEntered = SegmentEnteredRef.implement({
  description: 'A customer came to meet the filter of a segment, or was put on its list.',
  interfaces: [Change],
});

export const SegmentLeft = SegmentLeftRef.implement({
  description: 'A customer meets the filter of a segment no more, or was taken off its list.',
  interfaces: [Change],
});

addEvidence(SegmentEnteredRef);
addEvidence(SegmentLeftRef);

for (const ref of [SegmentEnteredRef, SegmentLeftRef]) {
  builder.objectFields(ref, (t) => ({
    segment: t.field({
      type: Segment,
      nullable: true,
      description: 'As it is now. Null only if it was deleted since.',
      resolve: async ({ change }, _args, ctx) =>
        (await findSegment(ctx, change.data.segment)) ?? null,
    }),
    segmentId: t.id({
      description: 'The id of `segment`, without reading it.',
      resolve: ({ change }) => formatGlobalId('Segment', change.data.segment),
    }),
    segmentVersion: t.int({
      description: 'The version of the filter by which it moved.',
      resolve: ({ change }) => change.data.version,
    }),
  }));
}

const resetReasons = {
  UNKNOWN_LOG: { description: 'The cursor is of another log than the present one.' },
  TOO_OLD: { description: 'The changes since the cursor are not kept any more.' },
  AHEAD_OF_LOG: {
    description: 'The cursor lies beyond the end: the log was restored from a copy.',
  },
} as const satisfies Record<ResetReason, { description: string }>;

const StreamResetReason = builder.enumType('StreamResetReason', {
  description: 'Why a cursor cannot be gone on from.',
  values: resetReasons,
});

export const StreamReset = builder.objectRef<Reset>('StreamReset').implement({
  description:
    'The cursor cannot be gone on from, and no gap is hidden: read the state anew, then go on after this cursor. The stream ends with it. It is in `extensions.stream.reset` as well.',
  fields: (t) => ({
    reason: t.field({ type: StreamResetReason, resolve: ({ reset }) => reset.reason }),
    cursor: t.field({
      type: 'Cursor',
      description: 'The present end of the log.',
      resolve: ({ reset }) => reset.cursor,
    }),
    at: t.field({ type: 'DateTime', resolve: ({ reset }) => reset.at }),
  }),
});
