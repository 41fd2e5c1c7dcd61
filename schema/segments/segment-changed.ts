import { addCause } from '../changes/cause.ts';
import { type ChangeEntry, defineChange, typeOfChange } from '../changes/change.ts';
import { CustomerMerged } from '../changes/customer-changes.ts';
import { StreamResetType } from '../changes/stream-reset.ts';
import { follow, followArg, toStreamItem } from '../changes/watch.ts';
import { builder } from '../kernel/builder.ts';
import { formatGlobalId } from '../kernel/global-id.ts';
import { findSegment, requireSegment, Segment, segmentArg } from './segment.ts';

const SegmentEntered = defineChange(
  'SEGMENT_ENTERED',
  'SegmentEntered',
  'A customer matched the filter of a segment, or was added to its list.',
);

const SegmentLeft = defineChange(
  'SEGMENT_LEFT',
  'SegmentLeft',
  'A customer no longer matched the filter of a segment, or was removed from its list.',
);

addCause(SegmentEntered);
addCause(SegmentLeft);

for (const ref of [SegmentEntered, SegmentLeft]) {
  builder.objectFields(ref, (t) => ({
    segment: t.field({
      type: Segment,
      nullable: true,
      description: 'The segment in its present state. Null if it was deleted since.',
      resolve: ({ change }, _args, ctx) => findSegment(ctx, change.data.segment),
    }),
    segmentId: t.id({
      description: 'The id of `segment`, without loading it.',
      resolve: ({ change }) => formatGlobalId('Segment', change.data.segment),
    }),
    segmentVersion: t.int({
      description: 'The version of the filter that caused the change.',
      resolve: ({ change }) => change.data.version,
    }),
  }));
}

const SegmentChangedPayload = builder.unionType('SegmentChangedPayload', {
  description:
    'A customer entered or left the segment, a member was merged, or the last item of a stream that cannot be resumed.',
  types: [SegmentEntered, SegmentLeft, CustomerMerged, StreamResetType],
  resolveType: (item) => ('reset' in item ? 'StreamReset' : typeOfChange(item)),
});

type SegmentChangeEntry = ChangeEntry<'SEGMENT_ENTERED' | 'SEGMENT_LEFT' | 'CUSTOMER_MERGED'>;

builder.subscriptionField('segmentChanged', (t) =>
  t.field({
    type: SegmentChangedPayload,
    description:
      'Customers that enter and leave a segment. `CustomerMerged` means that the member `fromId` was merged into another customer and is no longer counted. The changes add up to the members.',
    args: {
      segment: t.arg.string({ required: true, description: segmentArg }),
      after: t.arg({ type: 'Cursor', description: followArg }),
    },
    subscribe: async (_root, { segment, after }, ctx) => {
      const { id } = await requireSegment(ctx, segment);
      return follow(ctx, { after, interest: [[`segment:${id}`]] });
    },
    // No other kind has the topic.
    resolve: (item) => ('reset' in item ? item : (toStreamItem(item) as SegmentChangeEntry)),
  }),
);
