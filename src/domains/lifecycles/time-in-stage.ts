import type { Tx } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import { selectStageMoves } from './stage-moves.ts';

/** A summary of durations in seconds; null values without durations. */
export interface DurationSummary {
  count: number;
  median: number | null;
  mean: number | null;
  p90: number | null;
}

/** How long customers were in a stage: those that left it, and those that are still in it. */
export interface TimeInStage {
  stageKey: string;
  completed: DurationSummary;
  open: DurationSummary;
  /** Stays that a change of the rules began or ended: they say nothing about customers. */
  leftOut: number;
}

interface Row extends Pick<TimeInStage, 'stageKey' | 'leftOut'> {
  left: number;
  leftMean: number | null;
  /** The median and the 90th percentile. */
  leftRanks: [number, number] | null;
  open: number;
  openMean: number | null;
  openRanks: [number, number] | null;
}

/**
 * Summarises the stays in the stages of one lifecycle that ended within the window, and those open at its
 * end. A stay that ended because its customer was merged into another is neither.
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
      from ${selectStageMoves(workspaceId, lifecycleId)} as moved where at <= ${to}
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
    ), classified as (
      select *, is_over and not is_redefined as is_left, not is_over and not is_redefined as is_open from stays
    )
    select stage as "stageKey", (count(*) filter (where is_redefined))::int as "leftOut",
      (count(*) filter (where is_left))::int as "left", avg(seconds) filter (where is_left) as "leftMean",
      ${ranks} filter (where is_left) as "leftRanks",
      (count(*) filter (where is_open))::int as "open", avg(seconds) filter (where is_open) as "openMean",
      ${ranks} filter (where is_open) as "openRanks"
    from classified group by stage`;
  return rows.map(({ stageKey, leftOut, ...row }) => ({
    stageKey,
    leftOut,
    completed: toDurationSummary(row.left, row.leftMean, row.leftRanks),
    open: toDurationSummary(row.open, row.openMean, row.openRanks),
  }));
}

// Both percentiles in one call: a call for each would sort all durations twice.
const ranks = sql`percentile_cont(array[0.5, 0.9]) within group (order by seconds)`;

const toDurationSummary = (
  count: number,
  mean: number | null,
  percentiles: [number, number] | null,
): DurationSummary => {
  const [median, p90] = percentiles ?? [null, null];
  return { count, median, mean, p90 };
};
