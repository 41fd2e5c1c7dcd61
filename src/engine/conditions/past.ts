import { type Sql, sql } from '../../platform/sql.ts';
import {
  aggregateFacts,
  type FactsQuery,
  selectFamilies,
  selectLatestTraits,
} from '../customers/aggregate-facts.ts';

/**
 * The customers as they were at an earlier instant, rebuilt from the events up to then: the columns that
 * conditions ask for, by the names they have in `customer`. Customers merged since then count as one already.
 */
export function selectPastCustomers(query: FactsQuery & { upTo: Date }): Sql {
  const { workspaceId, upTo } = query;
  return sql`(
    with told as (${selectLatestTraits(query)}),
    profile as (
      select survivor_id, jsonb_object_agg(key, value) filter (where value <> 'null') as traits
      from told group by survivor_id
    ),
    called as (
      select members.survivor_id,
        min(i.value) filter (where i.kind = 'user_id') as user_id,
        min(i.value) filter (where i.kind = 'email') as email
      from (${selectFamilies(query)}) as members
      join identity i on i.workspace_id = ${workspaceId}::uuid and i.customer_id = members.id
        and i.since <= ${upTo}::timestamptz
      group by members.survivor_id
    )
    select facts.survivor_id as id, facts.survivor_id as customer_id, ${upTo}::timestamptz as at,
      facts.*, coalesce(profile.traits, '{}') as traits, called.user_id,
      coalesce(called.email, nullif(case when jsonb_typeof(profile.traits -> 'email') = 'string'
        then profile.traits ->> 'email' end, '')) as email
    from (${aggregateFacts(query)}) as facts
    left join profile on profile.survivor_id = facts.survivor_id
    left join called on called.survivor_id = facts.survivor_id)`;
}
