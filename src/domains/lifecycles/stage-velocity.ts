import type { Tx } from '../../platform/database.ts';
import { selectMergedCustomers, selectStageMoves } from './stage-moves.ts';
import type { DurationSummary } from './time-in-stage.ts';

/** How many customers that entered one stage went on to enter another, and after what time. */
export interface StageVelocity extends DurationSummary {
  entered: number;
}

/**
 * Measures the time from each customer's first entry into `from` within the window to its first entry into
 * `to` after that. Entries caused by a change of the rules do not count. Entries of merged customers count
 * for the customer that they are merged into today.
 */
export async function readStageVelocity(
  tx: Tx,
  workspaceId: string,
  query: {
    lifecycleId: string;
    from: string;
    to: string;
    window: { from: Date | undefined; to: Date };
  },
): Promise<StageVelocity> {
  const { lifecycleId, from, to, window } = query;
  const [row] = await tx.$queryRaw<StageVelocity[]>`
    with entries as (
      select coalesce(m.merged_into, t.customer_id) as owner, t.to_stage, t.at
      from ${selectStageMoves(workspaceId, lifecycleId)} as t
      left join ${selectMergedCustomers(workspaceId)} as m on m.id = t.customer_id
      where t.to_stage in (${from}, ${to}) and t.cause <> 'DEFINITION'
    ), started as (
      select owner, to_stage, at, min(at) filter (where to_stage = ${from} and at < ${window.to}
        and (${window.from ?? null}::timestamptz is null or at >= ${window.from ?? null}))
        over (partition by owner) as started_at
      from entries
    ), arrived as (
      select extract(epoch from min(at) filter (where to_stage = ${to} and at >= started_at)
        - started_at)::float8 as seconds
      from started where started_at is not null group by owner, started_at
    )
    select count(*)::int as entered, count(seconds)::int as count, avg(seconds) as mean,
      percentile_cont(0.5) within group (order by seconds) as median,
      percentile_cont(0.9) within group (order by seconds) as p90
    from arrived`;
  return row ?? { entered: 0, count: 0, mean: null, median: null, p90: null };
}
