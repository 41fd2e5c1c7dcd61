import type { Transaction } from '../../platform/database.ts';
import { joinSql, rawSql, type Sql, sql } from '../../platform/sql.ts';
import {
  type Aggregated,
  aggregateFacts,
  latestTellings,
  membersOf,
  theirEvents,
} from './aggregate-facts.ts';
import { currencyFacts, hasEffect, storedFacts } from './fact-table.ts';
import { limitedSum } from './money-sum.ts';

/**
 * Rebuilds the facts of customers from the events of everybody they consist of now. Needed where the
 * set of events changed as a whole (a merge, its undoing); it equals what adding them one by one yields.
 */
export async function recomputeFacts(db: Transaction, ids: string[], timeZone: string) {
  const asked = { workspaceId: db.workspaceId, ids, timeZone };
  await db.query(sql`
    delete from customer_foreign_revenue
      where workspace_id = ${db.workspaceId} and customer_id = any(${ids})`);
  for (const make of [insertForeignRevenue, updateFacts, updateProfile]) {
    await db.query(make(asked));
  }
}

function insertForeignRevenue(asked: Aggregated): Sql {
  const sums = currencyFacts().map(({ effects }) =>
    limitedSum(sql`sum(e.amount) filter (where ${hasEffect(effects)})`),
  );
  const columns = currencyFacts().map(({ column }) => rawSql(column));
  return sql`
    insert into customer_foreign_revenue
      (workspace_id, customer_id, currency, ${joinSql(columns)})
    select w.id, e.survivor_id, e.currency, ${joinSql(sums)}
    from (${theirEvents(asked)}) as e
    join workspace w on w.id = ${asked.workspaceId}::uuid
    where e.currency <> w.currency
    group by w.id, e.survivor_id, e.currency`;
}

const assignments = () =>
  rawSql(
    [...storedFacts().keys(), 'event_names'].map((name) => `${name} = facts.${name}`).join(', '),
  );

const updateFacts = (asked: Aggregated) => sql`
  update customer set ${assignments()}
  from (${aggregateFacts(asked)}) as facts
  where customer.workspace_id = ${asked.workspaceId}::uuid and customer.id = facts.survivor_id`;

/** A trait that is a text and not empty, else null. */
const textTrait = (name: string) =>
  rawSql(`nullif(case when jsonb_typeof(profile.traits -> '${name}') = 'string'
    then profile.traits ->> '${name}' end, '')`);

/** Where no address is told any more, the present one stays if these customers were ever called by it. */
const updateProfile = (asked: Aggregated) => sql`
  with told as (
    ${latestTellings(asked)}
  ), profile as (
    select survivor_id,
      coalesce(jsonb_object_agg(key, value) filter (where value <> 'null'), '{}') as traits,
      jsonb_object_agg(key, (extract(epoch from occurred_at) * 1000)::bigint) as traits_at
    from told group by survivor_id
  ), names as (
    select members.survivor_id,
      array_agg(i.value order by i.value) filter (where i.kind = 'user_id') as user_ids,
      array_agg(i.value order by i.value) filter (where i.kind = 'email') as emails
    from (${membersOf(asked)}) as members
    join identity i on i.workspace_id = ${asked.workspaceId}::uuid and i.customer_id = members.id
    group by 1
  ), addresses as (
    select survivor_id, array_agg(distinct lower(btrim(address))) as told
    from (
      select theirs.survivor_id, case when theirs.kind = 'identify' then theirs.properties ->> 'email'
        else theirs.context #>> '{traits,email}' end as address
      from (${theirEvents(asked)}) as theirs
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
  where customer.workspace_id = ${asked.workspaceId}::uuid and customer.id = names.survivor_id`;
