import type { Change, ChangeKind, MoveEvidence } from '../../engine/changes/kinds.ts';
import type { Topic } from '../../engine/changes/topic.ts';

/** A customer entered or left a segment. */
interface SegmentChangeData extends MoveEvidence {
  /** The segment's id and the version of its filter. */
  segment: string;
  version: number;
}

declare module '../../engine/changes/kinds.ts' {
  interface ChangeData {
    SEGMENT_ENTERED: SegmentChangeData;
    SEGMENT_LEFT: SegmentChangeData;
  }
  interface ReleasedPlacements {
    /** Ids of the segments it was a member of, lists kept by hand included. */
    segments?: string[];
  }
}

export const segmentChangeKinds = [
  'SEGMENT_ENTERED',
  'SEGMENT_LEFT',
] as const satisfies readonly ChangeKind[];

/** The segment that was entered or left; of a merge the segments that it removed a member from. */
export function segmentTopics(change: Change): readonly Topic[] {
  if (change.kind === 'CUSTOMER_MERGED') {
    return (change.data.segments ?? []).map((id): Topic => `segment:${id}`);
  }
  const isOfSegment = change.kind === 'SEGMENT_ENTERED' || change.kind === 'SEGMENT_LEFT';
  return isOfSegment ? [`segment:${change.data.segment}`] : [];
}
