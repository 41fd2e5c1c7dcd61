import type { ChangeKind, MoveEvidence } from '../../engine/changes/kinds.ts';

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
