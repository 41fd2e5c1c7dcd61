import { joinSql, type Sql, sql } from '../../platform/sql.ts';

/** Selects what happened to customers of a workspace up to an instant, in the columns of `noEvent`. */
export type HappeningSource = (query: HappeningQuery) => Sql;

export interface HappeningQuery {
  workspaceId: string;
  upTo: Date;
}

/**
 * What happened to each customer up to an instant: the events of all that it consists of and, of these
 * sources, the names it was given and its own moves. Only events have a kind and an order of arrival.
 */
export const happenings = (query: HappeningQuery, sources: ReadonlySet<HappeningSource>): Sql =>
  joinSql([events(query), ...[...sources].map((source) => source(query))], ' union all ');

const survivors = (workspaceId: string, id: Sql) => sql`
  left join customer m on m.workspace_id = ${workspaceId}::uuid and m.id = ${id}
    and m.merged_into is not null`;

const events = ({ workspaceId, upTo }: HappeningQuery) => sql`
  select coalesce(m.merged_into, e.customer_id) as survivor_id, e.occurred_at, e.arrival, e.kind, e.name,
    e.effect, e.amount, e.currency, e.properties, null::text as called, null::text as value,
    null::text as place, null::text as from_stage, null::text as to_stage, null::bigint as position
  from event e ${survivors(workspaceId, sql`e.customer_id`)}
  where e.workspace_id = ${workspaceId}::uuid and e.occurred_at <= ${upTo}::timestamptz`;

/** What stands for the event's columns where something else happened. */
export const noEvent = sql`null, null, null, null, null, null, null`;

export const names: HappeningSource = ({ workspaceId, upTo }) => sql`
  select coalesce(m.merged_into, i.customer_id), i.since, ${noEvent}, i.kind, i.value, null, null, null, null
  from identity i ${survivors(workspaceId, sql`i.customer_id`)}
  where i.workspace_id = ${workspaceId}::uuid and i.since <= ${upTo}::timestamptz`;
