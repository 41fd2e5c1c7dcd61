import type { Change, ChangeKind } from '../../src/engine/changes/kinds.ts';
import {
  asTold,
  CustomerMerged,
  SegmentEntered,
  SegmentLeft,
  StreamReset,
  type Told,
  typeOfChange,
} from '../changes/change.ts';
import { follow, followArg } from '../changes/watch.ts';
import { builder } from '../kernel/builder.ts';
import { demandSegment, segmentArg } from './segment.ts';

const SegmentChangedPayload = builder.unionType('SegmentChangedPayload', {
  description:
    'A customer entered or left the segment, became part of another one while in it, or the news that the stream cannot go on; then it ends.',
  types: [SegmentEntered, SegmentLeft, CustomerMerged, StreamReset],
  resolveType: (item) => ('reset' in item ? 'StreamReset' : typeOfChange(item)),
});

type ToldOfSegment = Told<'SEGMENT_ENTERED' | 'SEGMENT_LEFT' | 'CUSTOMER_MERGED'>;

const kinds: readonly ChangeKind[] = ['SEGMENT_ENTERED', 'SEGMENT_LEFT', 'CUSTOMER_MERGED'];

function isOf(segmentId: string) {
  return ({ kind, data }: Change): boolean => {
    if (kind === 'CUSTOMER_MERGED') return data.segments?.includes(segmentId) ?? false;
    return (kind === 'SEGMENT_ENTERED' || kind === 'SEGMENT_LEFT') && data.segment === segmentId;
  };
}

builder.subscriptionField('segmentChanged', (t) =>
  t.field({
    type: SegmentChangedPayload,
    description:
      'Customers entering and leaving a segment. `CustomerMerged` stands for a member (`fromId`) that is now part of another customer and no member by itself any more: with it the changes add up to the members.',
    args: {
      segment: t.arg.string({ required: true, description: segmentArg }),
      after: t.arg({ type: 'Cursor', description: followArg }),
    },
    subscribe: (_root, { segment, after }, ctx) =>
      follow(ctx, async () => {
        const { id } = await demandSegment(ctx, segment);
        return { after, kinds, matches: isOf(id) };
      }),
    // Nothing else gets past `matches`.
    resolve: (item) => ('reset' in item ? item : (asTold(item) as ToldOfSegment)),
  }),
);
