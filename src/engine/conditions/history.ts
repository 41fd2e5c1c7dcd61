import type { Transaction } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import { toSeconds } from './clause.ts';
import type { Condition } from './condition.ts';
import { createHistoryScope, type HistoryScope } from './history-scope.ts';
import { selectHistory } from './history-sources.ts';
import { answerToSql, compileToSql } from './plan.ts';
import { isEvent, runningWindow } from './running-columns.ts';

/** The number of customers at an earlier instant, and how many of them matched the condition. */
export interface MatchCount {
  at: Date;
  customers: number;
  count: number;
}

interface WorkspaceOptions {
  workspaceId: string;
  timeZone: string;
}

/** Counts the matching customers at instants in ascending order, from the events and the change log. */
export async function countMatchesAt(
  db: Transaction,
  workspace: WorkspaceOptions,
  condition: Condition,
  instants: readonly Date[],
): Promise<MatchCount[]> {
  const { rows } = await db.query<MatchCount>(historySql(workspace, condition, instants));
  return rows;
}

/**
 * Computes the state of each customer after every entry of its history (`states`; of several entries between two
 * instants only the last counts) and answers the condition for the instants until the next state. Instants are
 * numbered from 1. Decision 0029.
 */
function historySql(
  workspace: WorkspaceOptions,
  condition: Condition,
  instants: readonly Date[],
): Sql {
  const scope = createHistoryScope({ ...workspace, instants });
  const compiled = compileToSql(scope, condition);
  const times = sql`${[...instants]}::timestamptz[]`;
  const answered = compiled.isSteady
    ? answerOncePerState(scope, { times, holds: compiled.holds })
    : answerRepeatedly(scope, { times, answer: answerToSql(scope, condition), instants });
  return sql`
    with recursive states as (${statesSql(scope, { ...workspace, times, instants })}),
    ${answered},
    tallies as (
      select from_k, to_k, holds, from_k = first_k as is_new, count(*) as customers
      from answered group by 1, 2, 3, 4
    ), steps as (
      select from_k as k, case when holds then customers else 0 end as members,
        case when is_new then customers else 0 end as customers from tallies
      union all
      select to_k, - customers, 0 from tallies where holds
    )
    select i.at, coalesce(sum(sum(steps.customers)) over (order by i.k), 0)::integer as customers,
      coalesce(sum(sum(steps.members)) over (order by i.k), 0)::integer as count
    from unnest(${times}) with ordinality as i (at, k)
    left join steps on steps.k = i.k
    group by i.k, i.at order by i.k`;
}

/** The state of each customer from instant `k` until before `end_k`; the customer exists from `first_k`. */
function statesSql(
  { running }: HistoryScope,
  { workspaceId, times, instants }: WorkspaceOptions & { times: Sql; instants: readonly Date[] },
): Sql {
  const upTo = instants.at(-1) ?? new Date(0);
  return sql`
    select s.customer_id, s.k, coalesce(s.next_k, ${instants.length + 1}::integer) as end_k, s.first_k
      ${running.names()}
    from (
      select e.survivor_id as customer_id, e.occurred_at, e.since, e.until, e.k, lead(e.k) ${runningWindow} as next_k,
        min(e.k) filter (where ${isEvent}) ${runningWindow} as first_k ${running.columns()}
      from (
        select e.*, 1 + width_bucket(e.occurred_at - interval '1 microsecond', ${times}) as k
          ${running.marks()}
        from (${selectHistory({ workspaceId, upTo }, running.sources)}) as e
      ) as e
    ) as s where s.next_k is distinct from s.k and s.first_k is not null
      and s.occurred_at >= s.since and s.occurred_at < s.until`;
}

/** One answer per state, if time alone does not change the answer. */
const answerOncePerState = (
  scope: HistoryScope,
  { times, holds }: { times: Sql; holds: Sql },
) => sql`
  answered as (
    select s.k as from_k, s.end_k as to_k, ${holds} as holds, s.first_k
    from (select states.*, (${times})[k] as at from states) as s ${scope.joins()}
  )`;

/** Answers each state at its first instant, then at each instant at which the previous answer has expired. */
function answerRepeatedly(
  scope: HistoryScope,
  { times, answer, instants }: { times: Sql; answer: Sql; instants: readonly Date[] },
) {
  const { running } = scope;
  const descending = instants.map((at) => -toSeconds(at.getTime())).reverse();
  // The first instant at which the answer has expired, or the one after the last.
  const nextK = sql`greatest(s.current_k + 1, ${instants.length + 1}::integer
    - width_bucket(-abs(result.answer), ${descending}::float8[]))`;
  return sql`
    evaluations as (
      select s.customer_id, s.k as current_k, s.end_k, s.first_k ${running.names()},
        null::integer as from_k, null::boolean as holds
      from states as s
      union all
      select s.customer_id, ${nextK}, s.end_k, s.first_k ${running.names()}, s.current_k, result.answer > 0
      from (
        select p.*, (${times})[p.current_k] as at from evaluations as p where p.current_k < p.end_k
      ) as s ${scope.joins()}
      cross join lateral (select ${answer} as answer offset 0) as result
    ), answered as (
      select from_k, least(current_k, end_k) as to_k, holds, first_k from evaluations where from_k is not null
    )`;
}
