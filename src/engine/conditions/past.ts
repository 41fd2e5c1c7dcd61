import { type Sql, sql } from '../../platform/sql.ts';
import {
  aggregateFacts,
  type FactsQuery,
  selectFamilies,
  selectLatestTraits,
} from '../customers/aggregate-facts.ts';

/**
 * Rebuilds customers at an earlier instant from the events up to then, with the columns of `customer` that conditions
 * use. Customers that were merged later count as one.
 */
export function selectPastCustomers(query: FactsQuery & { upTo: Date }): Sql {
  const { workspaceId, upTo } = query;
  return sql`(
    with latest_traits as (${selectLatestTraits(query)}),
    profile as (
      select survivor_id, jsonb_object_agg(key, value) filter (where value <> 'null') as traits,
        bool_or(key = 'email') as states_email
      from latest_traits group by survivor_id
    ),
    identities as (
      select family.survivor_id,
        min(i.value) filter (where i.kind = 'user_id') as user_id,
        min(i.value) filter (where i.kind = 'email') as email
      from (${selectFamilies(query)}) as family
      join identity i on i.workspace_id = ${workspaceId}::uuid and i.customer_id = family.id
        and i.since <= ${upTo}::timestamptz
      group by family.survivor_id
    )
    select facts.survivor_id as id, facts.survivor_id as customer_id, ${upTo}::timestamptz as at,
      facts.*, coalesce(profile.traits, '{}') as traits, identities.user_id,
      case when profile.states_email
        then nullif(case when jsonb_typeof(profile.traits -> 'email') = 'string'
          then profile.traits ->> 'email' end, '')
        else identities.email end as email
    from (${aggregateFacts(query)}) as facts
    left join profile on profile.survivor_id = facts.survivor_id
    left join identities on identities.survivor_id = facts.survivor_id)`;
}
