import type { Tx } from '../platform/database.ts';
import type { Lengths } from './time-in-stage.ts';

/** How many customers of those that entered one stage went on to enter another, and how soon. */
export interface StageVelocity extends Lengths {
  entered: number;
}

/**
 * Of the customers that entered `from` in the window, each by its first entry there: the time until each
 * first entered `to` after that, if it did. Entries by a change of the rules do not count. What merged
 * customers did counts for the one they are part of today.
 */
export async function readStageVelocity(
  tx: Tx,
  workspaceId: string,
  asked: {
    lifecycleId: string;
    from: string;
    to: string;
    window: { from: Date | undefined; to: Date };
  },
): Promise<StageVelocity> {
  const { lifecycleId, from, to, window } = asked;
  const [row] = await tx.$queryRaw<StageVelocity[]>`
    with entries as (
      select coalesce(c.merged_into, c.id) as owner, t.to_stage, t.at
      from transition t
      join customer c on c.workspace_id = ${workspaceId}::uuid and c.id = t.customer_id
      where t.workspace_id = ${workspaceId}::uuid and t.lifecycle_id = ${lifecycleId}::uuid
        and t.to_stage in (${from}, ${to}) and t.cause <> 'DEFINITION'
    ), started as (
      select owner, min(at) as at from entries
      where to_stage = ${from} and at < ${window.to}
        and (${window.from ?? null}::timestamptz is null or at >= ${window.from ?? null})
      group by owner
    ), arrived as (
      select s.owner, extract(epoch from min(e.at) - s.at)::float8 as seconds
      from started s
      left join entries e on e.owner = s.owner and e.to_stage = ${to} and e.at >= s.at
      group by s.owner, s.at
    )
    select count(*)::int as entered, count(seconds)::int as count, avg(seconds) as mean,
      percentile_cont(0.5) within group (order by seconds) as median,
      percentile_cont(0.9) within group (order by seconds) as p90
    from arrived`;
  return row ?? { entered: 0, count: 0, mean: null, median: null, p90: null };
}
