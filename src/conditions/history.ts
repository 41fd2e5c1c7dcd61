import { Prisma } from '../../prisma/generated/client.ts';
import type { Sql } from '../platform/database.ts';
import { toSeconds } from './clause.ts';
import { happenings } from './happenings.ts';
import { createHistoryScope } from './history-scope.ts';
import { answerIn } from './plan.ts';
import type { Condition } from './resolve.ts';
import { isEvent, soFar } from './running.ts';

/** How many customers there were at an instant gone by, and how many of them met the condition. */
export interface CountAt {
  at: Date;
  customers: number;
  count: number;
}

interface Asker {
  workspaceId: string;
  timeZone: string;
}

/** What the answers would have been at instants in ascending order, from the events and the log. */
export async function countAt(
  sql: Sql,
  asker: Asker,
  condition: Condition,
  instants: readonly Date[],
): Promise<CountAt[]> {
  const { text, values } = historySql(asker, condition, instants);
  const { rows } = await sql.query<CountAt>(text, values);
  return rows;
}

/**
 * A customer's answer changes only when something happens to it or time alone changes it. So what was known
 * of it is worked out after each happening (`states`, of several up to the same instant the last one), and
 * answered as of the first instant that sees it, then as of the first one at which that answer stands no
 * longer, until the next state (`answered`). Instants are numbered from 1.
 */
function historySql(
  { workspaceId, timeZone }: Asker,
  condition: Condition,
  instants: readonly Date[],
): Prisma.Sql {
  const scope = createHistoryScope({ workspaceId, timeZone, instants });
  const answer = answerIn(scope, condition);
  const { running } = scope;
  const after = instants.length + 1;
  const last = instants.at(-1) ?? new Date(0);
  const times = Prisma.sql`${[...instants]}::timestamptz[]`;
  const descending = instants.map((at) => -toSeconds(at.getTime())).reverse();
  return Prisma.sql`
    with recursive happened as (
      select e.*, 1 + width_bucket(e.occurred_at - interval '1 microsecond', ${times}) as k
        ${running.marks()}
      from (${happenings({ workspaceId, upTo: last }, running.sources)}) as e
    ), known as (
      select e.survivor_id as customer_id, e.k, lead(e.k) ${soFar} as next_k,
        count(*) filter (where ${isEvent}) ${soFar} as known_events ${running.columns()}
      from happened as e
    ), states as (
      select s.customer_id, s.k, lead(s.k, 1, ${after}::integer) over (
        partition by s.customer_id order by s.k) as end_k ${running.names()}
      from known as s where s.next_k is distinct from s.k and s.known_events > 0
    ), answered as (
      select s.customer_id, s.k as ask_k, s.end_k ${running.names()},
        null::integer as from_k, null::float8 as answer
      from states as s
      union all
      select s.customer_id, greatest(s.ask_k + 1, ${after}::integer
          - width_bucket(-abs(said.answer), ${descending}::float8[])), s.end_k ${running.names()},
        s.ask_k, said.answer
      from (
        select p.*, (${times})[p.ask_k] as at from answered as p where p.ask_k < p.end_k
      ) as s ${scope.joins()}
      cross join lateral (select ${answer} as answer offset 0) as said
    ), steps as (
      select from_k as k, 1 as members, 0 as customers from answered where answer > 0
      union all
      select least(ask_k, end_k), -1, 0 from answered where answer > 0
      union all
      select min(k), 0, 1 from states group by customer_id
    )
    select i.at, coalesce(sum(sum(steps.customers)) over (order by i.k), 0)::integer as customers,
      coalesce(sum(sum(steps.members)) over (order by i.k), 0)::integer as count
    from unnest(${times}) with ordinality as i (at, k)
    left join steps on steps.k = i.k
    group by i.k, i.at order by i.k`;
}
