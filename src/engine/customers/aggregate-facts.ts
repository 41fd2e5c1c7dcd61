import { Prisma } from '../../../prisma/generated/client.ts';
import { limitedSum } from './money-sum.ts';
import { sessionPause } from './sessions.ts';
import { mostEventNames } from './state.ts';

/** Whose events are counted, and up to when. */
export interface Aggregated {
  workspaceId: string;
  timeZone: string;
  /** Survivors. */
  ids: readonly string[];
  /** Nothing that happened later counts; everything known when absent. */
  upTo?: Date | undefined;
}

/** Two look-ups by index; as one condition with "or" it reads all customers while there are no statistics. */
export function membersOf({ workspaceId, ids }: Aggregated): Prisma.Sql {
  return Prisma.sql`
    select id, id as survivor_id from customer
    where workspace_id = ${workspaceId}::uuid and id = any(${ids}::uuid[])
    union all
    select id, merged_into from customer
    where workspace_id = ${workspaceId}::uuid and merged_into = any(${ids}::uuid[])`;
}

/** The events of each survivor, those of customers merged into it included. */
export const theirEvents = (asked: Aggregated): Prisma.Sql => Prisma.sql`
  select members.survivor_id, e.*
  from (${membersOf(asked)}) as members
  join event e on e.workspace_id = ${asked.workspaceId}::uuid and e.customer_id = members.id
  ${asked.upTo ? Prisma.sql`where e.occurred_at <= ${asked.upTo}::timestamptz` : Prisma.empty}`;

/** The facts as a recount of the events yields them: a row per survivor with the columns of `customer`. */
export const aggregateFacts = (asked: Aggregated): Prisma.Sql => Prisma.sql`
  select survivor_id,
    min(occurred_at) as first_seen_at,
    max(occurred_at) as last_seen_at,
    count(*)::integer as events,
    case when count(distinct name) filter (where kind = 'track') <= ${mostEventNames}::int
      then coalesce(array_agg(distinct name) filter (where kind = 'track'), '{}') end as event_names,
    count(distinct day)::integer as active_days,
    count(*) filter (where begins_session)::integer as sessions,
    min(occurred_at) filter (where effect in ('lead', 'sign_up')) as lead_at,
    min(occurred_at) filter (where effect = 'sign_up') as signed_up_at,
    count(*) filter (where effect = 'order')::integer as orders,
    min(occurred_at) filter (where effect = 'order') as first_order_at,
    max(occurred_at) filter (where effect = 'order') as last_order_at,
    count(distinct day) filter (where effect = 'order')::integer as order_days,
    ${limitedSum(Prisma.sql`sum(amount) filter (where effect = 'order' and own and day = first_day)`)}
      as first_day_value,
    ${limitedSum(Prisma.sql`sum(amount) filter (where effect = 'order' and own)`)} as gross_revenue,
    ${limitedSum(Prisma.sql`sum(amount) filter (where effect = 'refund' and own)`)} as refunded,
    max(occurred_at) filter (where effect = 'subscription_started') as subscription_started_at,
    count(*) filter (where effect = 'subscription_renewed')::integer as subscription_renewals,
    max(occurred_at) filter (where effect = 'subscription_renewed') as subscription_renewed_at,
    max(occurred_at) filter (where effect = 'subscription_cancelled') as subscription_cancelled_at
  from (
    select theirs.*, theirs.currency = w.currency as own, d.day,
      min(d.day) filter (where effect = 'order') over (partition by survivor_id) as first_day,
      effect = 'view' and coalesce(occurred_at - lag(occurred_at) over (
        partition by survivor_id, effect order by occurred_at)
          > make_interval(secs => ${sessionPause / 1000}::float8), true) as begins_session
    from (${theirEvents(asked)}) as theirs
    join workspace w on w.id = ${asked.workspaceId}::uuid
    cross join lateral (
      select (theirs.occurred_at at time zone ${asked.timeZone}::text)::date as day) as d
  ) as priced
  group by survivor_id`;

/** Trait by trait the telling with the latest time; of equal ones the one that came in last. */
export const latestTellings = (asked: Aggregated): Prisma.Sql => Prisma.sql`
  select distinct on (survivor_id, trait.key) survivor_id, trait.key, trait.value, occurred_at
  from (${theirEvents(asked)}) as theirs, jsonb_each(theirs.properties) as trait
  where theirs.kind = 'identify'
  order by survivor_id, trait.key, occurred_at desc, theirs.arrival desc`;
