import type { Sql } from '../platform/database.ts';
import { sessionPause } from './sessions.ts';

/**
 * Rebuilds the facts of customers from the events of everybody they consist of now. Needed where the
 * set of events changed as a whole (a merge, its undoing); it equals what adding them one by one yields.
 */
export async function recomputeFacts(
  sql: Sql,
  workspaceId: string,
  ids: string[],
  timeZone: string,
) {
  const own = [workspaceId, ids];
  await sql.query(
    'delete from customer_foreign_revenue where workspace_id = $1 and customer_id = any($2)',
    own,
  );
  await sql.query(insertForeignRevenue, own);
  await sql.query(updateFacts, [...own, timeZone, sessionPause / 1000]);
  await sql.query(updateProfile, own);
}

/** Two look-ups by index; as one condition with "or" it reads all customers while there are no statistics. */
const members = `
  select id, id as survivor_id from customer where workspace_id = $1 and id = any($2)
  union all
  select id, merged_into from customer where workspace_id = $1 and merged_into = any($2)`;

/** The events of each customer asked about, those of customers merged into it included. */
const theirEvents = `
  select members.survivor_id, e.*
  from (${members}) as members
  join event e on e.workspace_id = $1 and e.customer_id = members.id`;

const insertForeignRevenue = `
  insert into customer_foreign_revenue (workspace_id, customer_id, currency, gross_revenue, refunded)
  select $1, survivor_id, theirs.currency,
    coalesce(sum(amount) filter (where effect = 'order'), 0),
    coalesce(sum(amount) filter (where effect = 'refund'), 0)
  from (${theirEvents}) as theirs
  join workspace w on w.id = $1
  where theirs.currency <> w.currency
  group by survivor_id, theirs.currency`;

const updateFacts = `
  update customer set
    first_seen_at = facts.first_seen_at,
    last_seen_at = facts.last_seen_at,
    events = facts.events,
    active_days = facts.active_days,
    sessions = facts.sessions,
    lead_at = facts.lead_at,
    signed_up_at = facts.signed_up_at,
    orders = facts.orders,
    first_order_at = facts.first_order_at,
    last_order_at = facts.last_order_at,
    gross_revenue = facts.gross_revenue,
    refunded = facts.refunded,
    subscription_started_at = facts.subscription_started_at,
    subscription_renewals = facts.subscription_renewals,
    subscription_renewed_at = facts.subscription_renewed_at,
    subscription_cancelled_at = facts.subscription_cancelled_at
  from (
    select survivor_id,
      min(occurred_at) as first_seen_at,
      max(occurred_at) as last_seen_at,
      count(*) as events,
      count(distinct (occurred_at at time zone $3)::date) as active_days,
      count(*) filter (where begins_session) as sessions,
      min(occurred_at) filter (where effect in ('lead', 'sign_up')) as lead_at,
      min(occurred_at) filter (where effect = 'sign_up') as signed_up_at,
      count(*) filter (where effect = 'order') as orders,
      min(occurred_at) filter (where effect = 'order') as first_order_at,
      max(occurred_at) filter (where effect = 'order') as last_order_at,
      coalesce(sum(amount) filter (where effect = 'order' and own), 0) as gross_revenue,
      coalesce(sum(amount) filter (where effect = 'refund' and own), 0) as refunded,
      max(occurred_at) filter (where effect = 'subscription_started') as subscription_started_at,
      count(*) filter (where effect = 'subscription_renewed') as subscription_renewals,
      max(occurred_at) filter (where effect = 'subscription_renewed') as subscription_renewed_at,
      max(occurred_at) filter (where effect = 'subscription_cancelled') as subscription_cancelled_at
    from (
      select theirs.*, theirs.currency = w.currency as own,
        effect = 'view' and coalesce(occurred_at - lag(occurred_at) over (
          partition by survivor_id, effect order by occurred_at) > make_interval(secs => $4), true)
          as begins_session
      from (${theirEvents}) as theirs
      join workspace w on w.id = $1
    ) as priced
    group by survivor_id
  ) as facts
  where customer.workspace_id = $1 and customer.id = facts.survivor_id`;

/** A trait that is a text and not empty, else null. */
const textTrait = (name: string) => `
  nullif(case when jsonb_typeof(profile.traits -> '${name}') = 'string'
              then profile.traits ->> '${name}' end, '')`;

/**
 * Trait by trait the telling with the latest time wins; of equal ones the one that came in last. Where
 * no address is told any more, the present one stays if these customers were ever called by it.
 */
const updateProfile = `
  with told as (
    select distinct on (survivor_id, trait.key) survivor_id, trait.key, trait.value, occurred_at
    from (${theirEvents}) as theirs, jsonb_each(theirs.properties) as trait
    where theirs.kind = 'identify'
    order by survivor_id, trait.key, occurred_at desc, theirs.id desc
  ), profile as (
    select survivor_id,
      coalesce(jsonb_object_agg(key, value) filter (where value <> 'null'), '{}') as traits,
      jsonb_object_agg(key, (extract(epoch from occurred_at) * 1000)::bigint) as traits_at
    from told group by survivor_id
  ), names as (
    select members.survivor_id,
      array_agg(i.value order by i.value) filter (where i.kind = 'user_id') as user_ids,
      array_agg(i.value order by i.value) filter (where i.kind = 'email') as emails
    from (${members}) as members
    join identity i on i.workspace_id = $1 and i.customer_id = members.id
    group by 1
  ), addresses as (
    select survivor_id, array_agg(distinct lower(btrim(address))) as told
    from (
      select theirs.survivor_id, case when theirs.kind = 'identify' then theirs.properties ->> 'email'
        else theirs.context #>> '{traits,email}' end as address
      from (${theirEvents}) as theirs
    ) as said
    where address is not null
    group by survivor_id
  )
  update customer set
    user_id = case when customer.user_id = any(names.user_ids) then customer.user_id
                   else names.user_ids[1] end,
    traits = coalesce(profile.traits, '{}'),
    traits_at = coalesce(profile.traits_at, '{}'),
    email = coalesce(${textTrait('email')},
      case when lower(btrim(customer.email)) = any(names.emails || addresses.told)
           then customer.email end,
      names.emails[1]),
    name = coalesce(${textTrait('name')},
      nullif(concat_ws(' ', ${textTrait('firstName')}, ${textTrait('lastName')}), ''))
  from names
  left join profile on profile.survivor_id = names.survivor_id
  left join addresses on addresses.survivor_id = names.survivor_id
  where customer.workspace_id = $1 and customer.id = names.survivor_id`;
