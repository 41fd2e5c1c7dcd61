import { emptySql, joinSql, rawSql, type Sql, sql } from '../../platform/sql.ts';
import { storedFacts } from './fact-table.ts';
import { foldSql } from './fold-sql.ts';
import { consentPrefix } from './reserved-traits.ts';
import { maxEventNames } from './state.ts';

/** The customers whose facts are computed from their events, and up to when. */
export interface FactsQuery {
  workspaceId: string;
  timeZone: string;
  /** Ids of survivors. */
  ids: readonly string[];
  /** Events after this time are ignored; all events count if absent. */
  upTo?: Date | undefined;
}

/**
 * Selects the survivors and the customers merged into them (id, survivor_id). Two index look-ups, because one with "or"
 * reads all customers while the planner has no statistics.
 */
export function selectFamilies({ workspaceId, ids }: FactsQuery): Sql {
  return sql`
    select id, id as survivor_id from customer
    where workspace_id = ${workspaceId}::uuid and id = any(${ids}::uuid[])
    union all
    select id, merged_into from customer
    where workspace_id = ${workspaceId}::uuid and merged_into = any(${ids}::uuid[])`;
}

/** What an event counts as at an instant, although it may have been taken back since. */
export const effectAt = (at: Sql): Sql =>
  sql`case when e.counted_until > ${at} then e.counted_effect else e.effect end`;

/** Selects the events of each survivor, including those of customers merged into it. */
export const selectFamilyEvents = (query: FactsQuery): Sql => sql`
  select family.survivor_id, e.occurred_at, e.arrival, e.kind, e.name, e.origin, e.amount, e.currency, e.properties,
    e.context,
    ${query.upTo ? effectAt(sql`${query.upTo}::timestamptz`) : sql`e.effect`} as effect
  from (${selectFamilies(query)}) as family
  join event e on e.workspace_id = ${query.workspaceId}::uuid and e.customer_id = family.id
  ${query.upTo ? sql`where e.occurred_at <= ${query.upTo}::timestamptz` : emptySql}`;

/** Computes the facts from the events: one row for each survivor, with the columns of `customer`. */
export function aggregateFacts(query: FactsQuery): Sql {
  const marks: Sql[] = [];
  const mark = (_key: string, value: Sql) =>
    rawSql(`e.m${marks.push(sql`${value} as ${rawSql(`m${marks.length}`)}`) - 1}`);
  const folded = [...storedFacts().values()].map(
    (fact) =>
      sql`${foldSql(fact, { ...query, owner: sql`e.survivor_id`, over: emptySql, mark })} as ${rawSql(fact.column)}`,
  );
  return sql`
    select e.survivor_id,
      case when count(distinct e.name) filter (where e.kind = 'track') <= ${maxEventNames}::int
        then coalesce(array_agg(distinct e.name) filter (where e.kind = 'track'), '{}') end as event_names,
      ${joinSql(folded)}
    from (select ${joinSql([sql`e.*`, ...marks])} from (${selectFamilyEvents(query)}) as e) as e
    group by e.survivor_id`;
}

/** Selects the latest value of each trait; at equal times that of the event that arrived last. */
export const selectLatestTraits = (query: FactsQuery): Sql => sql`
  select distinct on (survivor_id, trait.key) survivor_id, trait.key, trait.value, occurred_at
  from (${selectFamilyEvents(query)}) as e, jsonb_each(e.properties) as trait
  where e.kind = 'identify' and not starts_with(trait.key, ${consentPrefix})
  order by survivor_id, trait.key, occurred_at desc, e.arrival desc`;
