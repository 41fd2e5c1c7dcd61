import type { Tx } from '../../platform/database.ts';

/** The number of members of a segment at an instant, and its changes since the previous point. */
export interface GrowthPoint {
  at: Date;
  members: number;
  entered: number;
  left: number;
  /** Members that were merged into another customer. */
  merged: number;
}

/** The changes of a segment between two successive instants. */
export interface GrowthCounts {
  /** The index of the first instant at or after the counted changes. */
  index: number;
  entered: number;
  left: number;
  merged: number;
}

/** Reads the growth of a segment from the log. A change at an instant counts at that instant. */
export async function readGrowth(
  tx: Tx,
  workspaceId: string,
  { segmentId, instants }: { segmentId: string; instants: readonly Date[] },
): Promise<GrowthPoint[]> {
  const last = instants.at(-1);
  if (!last) return [];
  const counts = await tx.$queryRaw<GrowthCounts[]>`
    select width_bucket(at - interval '1 microsecond', ${instants}::timestamptz[]) as index,
      (count(*) filter (where kind = 'SEGMENT_ENTERED'))::int as entered,
      (count(*) filter (where kind = 'SEGMENT_LEFT'))::int as left,
      (count(*) filter (where kind = 'CUSTOMER_MERGED'))::int as merged
    from change
    where workspace_id = ${workspaceId}::uuid and at <= ${last}
      and (kind in ('SEGMENT_ENTERED', 'SEGMENT_LEFT') and data ->> 'segment' = ${segmentId}::text
        or kind = 'CUSTOMER_MERGED' and data -> 'segments' ? ${segmentId}::text)
    group by 1`;
  return sumGrowth(instants, counts);
}

const noGrowth = { entered: 0, left: 0, merged: 0 };

/** Adds up the changes before each instant. Those before the first instant are no growth between points. */
export function sumGrowth(
  instants: readonly Date[],
  counts: readonly GrowthCounts[],
): GrowthPoint[] {
  const byIndex = new Map(counts.map(({ index, ...count }) => [index, count]));
  let members = 0;
  return instants.map((at, index) => {
    const count = byIndex.get(index) ?? noGrowth;
    members += count.entered - count.left - count.merged;
    return { at, members, ...(index === 0 ? noGrowth : count) };
  });
}
