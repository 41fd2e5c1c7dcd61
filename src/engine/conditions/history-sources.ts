import { joinSql, type Sql, sql } from '../../platform/sql.ts';

/** Selects entries of customers' history up to an instant, with `emptyEventColumns` for the columns of events. */
export type HistorySource = (query: HistoryQuery) => Sql;

export interface HistoryQuery {
  workspaceId: string;
  upTo: Date;
}

/**
 * Selects the history of each customer up to an instant: its events, those of customers merged into it, and the
 * entries of the sources, such as identities and moves. Only events have a kind and an order of arrival.
 */
export const selectHistory = (query: HistoryQuery, sources: ReadonlySet<HistorySource>): Sql =>
  joinSql(
    [selectEventHistory(query), ...[...sources].map((source) => source(query))],
    ' union all ',
  );

const survivors = (workspaceId: string, id: Sql) => sql`
  left join customer m on m.workspace_id = ${workspaceId}::uuid and m.id = ${id}
    and m.merged_into is not null`;

const selectEventHistory = ({ workspaceId, upTo }: HistoryQuery) => sql`
  select coalesce(m.merged_into, e.customer_id) as survivor_id, e.occurred_at, e.arrival, e.kind, e.name,
    e.effect, e.amount, e.currency, e.counts, e.properties, e.corrected, null::text as identity_kind, null::text as identity_value,
    null::text as rule_set_id, null::text as from_stage, null::text as to_stage, null::bigint as position
  from event e ${survivors(workspaceId, sql`e.customer_id`)}
  where e.workspace_id = ${workspaceId}::uuid and e.occurred_at <= ${upTo}::timestamptz`;

/** The columns of events, for entries that are not events. */
export const emptyEventColumns = sql`null, null, null, null, null, null, null, null, null`;

export const selectIdentityHistory: HistorySource = ({ workspaceId, upTo }) => sql`
  select coalesce(m.merged_into, i.customer_id), i.since, ${emptyEventColumns}, i.kind, i.value, null, null, null, null
  from identity i ${survivors(workspaceId, sql`i.customer_id`)}
  where i.workspace_id = ${workspaceId}::uuid and i.since <= ${upTo}::timestamptz`;
