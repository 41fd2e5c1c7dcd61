import type { Tx } from '../platform/database.ts';

/** Lengths of time in seconds; all null where there are none. */
export interface Lengths {
  count: number;
  median: number | null;
  mean: number | null;
  p90: number | null;
}

/** How long customers were in a stage: those that left it, and those that are in it still. */
export interface TimeInStage {
  stageKey: string;
  completed: Lengths;
  open: Lengths;
  /** Stays that a change of the rules began or ended: they tell nothing of customers. */
  leftOut: number;
}

interface Row extends Pick<TimeInStage, 'stageKey' | 'leftOut'> {
  left: number;
  leftMedian: number | null;
  leftMean: number | null;
  leftP90: number | null;
  open: number;
  openMedian: number | null;
  openMean: number | null;
  openP90: number | null;
}

/**
 * Stays in the stages of one lifecycle that ended between the two instants, and those that were open at
 * the later one. A stay that ended because its customer became part of another one is neither.
 */
export async function readTimeInStage(
  tx: Tx,
  workspaceId: string,
  { lifecycleId, from, to }: { lifecycleId: string; from: Date | undefined; to: Date },
): Promise<TimeInStage[]> {
  const rows = await tx.$queryRaw<Row[]>`
    with moves as (
      select customer_id, at, to_stage, cause, lead(at) over later as next_at,
        lead(from_stage) over later as next_from, lead(cause) over later as next_cause
      from transition
      where workspace_id = ${workspaceId}::uuid and lifecycle_id = ${lifecycleId}::uuid and at <= ${to}
      window later as (partition by customer_id order by at, position)
    ), stays as (
      select to_stage as stage, next_at is not null as is_over,
        extract(epoch from coalesce(next_at, ${to}) - at)::float8 as seconds,
        'DEFINITION' in (cause, coalesce(next_cause, '')) as is_redefined
      from moves m
      where to_stage is not null and (next_at is null or next_from = to_stage)
        and (next_at is null or ${from ?? null}::timestamptz is null or next_at > ${from ?? null})
        and not (next_at is null and exists (
          select from customer_merge g where g.workspace_id = ${workspaceId}::uuid
            and g.from_customer_id = m.customer_id and g.at >= m.at and g.at <= ${to}))
    ), told as (
      select *, is_over and not is_redefined as is_left, not is_over and not is_redefined as is_open from stays
    )
    select stage as "stageKey", (count(*) filter (where is_redefined))::int as "leftOut",
      (count(*) filter (where is_left))::int as "left",
      avg(seconds) filter (where is_left) as "leftMean",
      percentile_cont(0.5) within group (order by seconds) filter (where is_left) as "leftMedian",
      percentile_cont(0.9) within group (order by seconds) filter (where is_left) as "leftP90",
      (count(*) filter (where is_open))::int as "open",
      avg(seconds) filter (where is_open) as "openMean",
      percentile_cont(0.5) within group (order by seconds) filter (where is_open) as "openMedian",
      percentile_cont(0.9) within group (order by seconds) filter (where is_open) as "openP90"
    from told group by stage`;
  return rows.map(({ stageKey, leftOut, ...row }) => ({
    stageKey,
    leftOut,
    completed: { count: row.left, median: row.leftMedian, mean: row.leftMean, p90: row.leftP90 },
    open: { count: row.open, median: row.openMedian, mean: row.openMean, p90: row.openP90 },
  }));
}
