import type { Tx } from '../../platform/database.ts';

/** The members of a segment at an instant, and what became of them since the point before. */
export interface GrowthPoint {
  at: Date;
  members: number;
  entered: number;
  left: number;
  /** Members that became part of another customer. */
  merged: number;
}

interface GrowthCounts {
  /** The number of the first instant that lies not before the steps. */
  index: number;
  entered: number;
  left: number;
  merged: number;
}

/** How a segment grew, from the log: what happened at an instant itself counts there already. */
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
  let members = 0;
  return instants.map((at, index) => {
    const { entered, left, merged } = counts.find((step) => step.index === index) ?? noGrowth;
    members += entered - left - merged;
    // What lies before the first point is no growth between points.
    return index === 0
      ? { at, members, entered: 0, left: 0, merged: 0 }
      : { at, members, entered, left, merged };
  });
}

const noGrowth = { entered: 0, left: 0, merged: 0 };
