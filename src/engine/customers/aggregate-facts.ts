import { emptySql, joinSql, rawSql, type Sql, sql } from '../../platform/sql.ts';
import { storedFacts } from './fact-table.ts';
import { foldSql } from './fold-sql.ts';
import { maxEventNames } from './state.ts';

/** Whose events are counted, and up to when. */
export interface FactsQuery {
  workspaceId: string;
  timeZone: string;
  /** Survivors. */
  ids: readonly string[];
  /** Nothing that happened later counts; everything known when absent. */
  upTo?: Date | undefined;
}

/** Two look-ups by index; as one condition with "or" it reads all customers while there are no statistics. */
export function selectFamilies({ workspaceId, ids }: FactsQuery): Sql {
  return sql`
    select id, id as survivor_id from customer
    where workspace_id = ${workspaceId}::uuid and id = any(${ids}::uuid[])
    union all
    select id, merged_into from customer
    where workspace_id = ${workspaceId}::uuid and merged_into = any(${ids}::uuid[])`;
}

/** The events of each survivor, those of customers merged into it included. */
export const selectFamilyEvents = (asked: FactsQuery): Sql => sql`
  select members.survivor_id, e.*
  from (${selectFamilies(asked)}) as members
  join event e on e.workspace_id = ${asked.workspaceId}::uuid and e.customer_id = members.id
  ${asked.upTo ? sql`where e.occurred_at <= ${asked.upTo}::timestamptz` : emptySql}`;

/** The facts as a recount of the events yields them: a row per survivor with the columns of `customer`. */
export function aggregateFacts(asked: FactsQuery): Sql {
  const marks: Sql[] = [];
  const mark = (_key: string, value: Sql) =>
    rawSql(`e.m${marks.push(sql`${value} as ${rawSql(`m${marks.length}`)}`) - 1}`);
  const folded = [...storedFacts().values()].map(
    (fact) => sql`${foldSql(fact, { ...asked, over: emptySql, mark })} as ${rawSql(fact.column)}`,
  );
  return sql`
    select e.survivor_id,
      case when count(distinct e.name) filter (where e.kind = 'track') <= ${maxEventNames}::int
        then coalesce(array_agg(distinct e.name) filter (where e.kind = 'track'), '{}') end as event_names,
      ${joinSql(folded)}
    from (select ${joinSql([sql`e.*`, ...marks])} from (${selectFamilyEvents(asked)}) as e) as e
    group by e.survivor_id`;
}

/** Trait by trait the telling with the latest time; of equal ones the one that came in last. */
export const selectLatestTraits = (asked: FactsQuery): Sql => sql`
  select distinct on (survivor_id, trait.key) survivor_id, trait.key, trait.value, occurred_at
  from (${selectFamilyEvents(asked)}) as theirs, jsonb_each(theirs.properties) as trait
  where theirs.kind = 'identify'
  order by survivor_id, trait.key, occurred_at desc, theirs.arrival desc`;
