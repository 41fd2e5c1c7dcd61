import type { Transaction } from '../../platform/database.ts';
import { joinSql, rawSql, type Sql, sql } from '../../platform/sql.ts';
import {
  aggregateFacts,
  type FactsQuery,
  selectFamilies,
  selectFamilyEvents,
  selectLatestTraits,
} from './aggregate-facts.ts';
import { currencyFacts, hasEffect, storedFacts } from './fact-table.ts';
import { limitedSum } from './money-sum.ts';

/**
 * Recomputes the facts of customers from all their events, after a merge or its undoing has changed the set of events.
 * The result equals that of applying the events one by one.
 */
export async function recomputeFacts(db: Transaction, ids: string[], timeZone: string) {
  const query = { workspaceId: db.workspaceId, ids, timeZone };
  await db.query(sql`
    delete from customer_foreign_revenue
      where workspace_id = ${db.workspaceId} and customer_id = any(${ids})`);
  for (const make of [insertForeignRevenue, updateFacts, updateProfile]) {
    await db.query(make(query));
  }
}

function insertForeignRevenue(query: FactsQuery): Sql {
  const sums = currencyFacts().map(({ effects }) =>
    limitedSum(sql`sum(e.amount) filter (where ${hasEffect(effects)})`),
  );
  const columns = currencyFacts().map(({ column }) => rawSql(column));
  return sql`
    insert into customer_foreign_revenue
      (workspace_id, customer_id, currency, ${joinSql(columns)})
    select w.id, e.survivor_id, e.currency, ${joinSql(sums)}
    from (${selectFamilyEvents(query)}) as e
    join workspace w on w.id = ${query.workspaceId}::uuid
    where e.currency <> w.currency and e.effect is not null
    group by w.id, e.survivor_id, e.currency`;
}

const assignments = () =>
  rawSql(
    [...storedFacts().keys(), 'event_names'].map((name) => `${name} = facts.${name}`).join(', '),
  );

const updateFacts = (query: FactsQuery) => sql`
  update customer set ${assignments()}
  from (${aggregateFacts(query)}) as facts
  where customer.workspace_id = ${query.workspaceId}::uuid and customer.id = facts.survivor_id`;

/** The trait if it is a non-empty string, else null. */
const textTrait = (name: string) =>
  rawSql(`nullif(case when jsonb_typeof(profile.traits -> '${name}') = 'string'
    then profile.traits ->> '${name}' end, '')`);

/** If `identify` never stated an address, the stored one is kept if an event or identity of the customers has it. */
const updateProfile = (query: FactsQuery) => sql`
  with latest_traits as (
    ${selectLatestTraits(query)}
  ), profile as (
    select survivor_id,
      coalesce(jsonb_object_agg(key, value) filter (where value <> 'null'), '{}') as traits,
      jsonb_object_agg(key, (extract(epoch from occurred_at) * 1000)::bigint) as traits_at
    from latest_traits group by survivor_id
  ), names as (
    select family.survivor_id,
      array_agg(i.value order by i.value) filter (where i.kind = 'user_id') as user_ids,
      array_agg(i.value order by i.value) filter (where i.kind = 'email') as emails
    from (${selectFamilies(query)}) as family
    join identity i on i.workspace_id = ${query.workspaceId}::uuid and i.customer_id = family.id
    group by 1
  ), addresses as (
    select survivor_id, array_agg(distinct lower(btrim(address))) as used
    from (
      select e.survivor_id,
        case when e.kind = 'identify' and jsonb_exists(e.properties, 'email')
          then e.properties ->> 'email' else e.context #>> '{traits,email}' end as address
      from (${selectFamilyEvents(query)}) as e
    ) as addressed
    where address is not null
    group by survivor_id
  )
  update customer set
    user_id = case when customer.user_id = any(names.user_ids) then customer.user_id
                   else names.user_ids[1] end,
    traits = coalesce(profile.traits, '{}'),
    traits_at = coalesce(profile.traits_at, '{}'),
    email = case when jsonb_exists(profile.traits_at, 'email') then ${textTrait('email')}
      else coalesce(
        case when lower(btrim(customer.email)) = any(names.emails || addresses.used)
             then customer.email end,
        names.emails[1]) end,
    name = coalesce(${textTrait('name')},
      nullif(concat_ws(' ', ${textTrait('firstName')}, ${textTrait('lastName')}), ''))
  from names
  left join profile on profile.survivor_id = names.survivor_id
  left join addresses on addresses.survivor_id = names.survivor_id
  where customer.workspace_id = ${query.workspaceId}::uuid and customer.id = names.survivor_id`;
