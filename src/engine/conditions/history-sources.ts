import { joinSql, type Sql, sql } from '../../platform/sql.ts';
import { effectAt } from '../customers/aggregate-facts.ts';
import { countsAt } from './event-clause.ts';

/** Selects entries of customers' history up to an instant, with `emptyEventColumns` for the columns of events. */
export type HistorySource = (query: HistoryQuery) => Sql;

export interface HistoryQuery {
  workspaceId: string;
  upTo: Date;
}

/**
 * Selects the history of each customer up to an instant: its events, those of customers merged into it, and the
 * entries of the sources, such as identities and moves (`is_own`: recorded for the customer itself). Only events have a kind and an order of arrival. A history in
 * which events were taken back is selected once for each epoch (from `since` until before `until`) between these
 * instants, with the events that count in it.
 */
export const selectHistory = (query: HistoryQuery, sources: ReadonlySet<HistorySource>): Sql => sql`
  select e.survivor_id, e.occurred_at, e.arrival, e.kind, e.name, e.origin, e.amount, e.currency, e.properties, e.corrected,
    e.identity_kind, e.identity_value, e.rule_set_id, e.from_stage, e.to_stage, e.position, e.is_own,
    epoch.since, epoch.until, ${effectAt(sql`epoch.since`)} as effect, ${countsAt(sql`epoch.since`)} as counts
  from (${joinSql(
    [selectEventHistory(query), ...[...sources].map((source) => source(query))],
    ' union all ',
  )}) as e
  left join (${selectEpochs(query)}) as known on known.survivor_id = e.survivor_id
  cross join lateral (
    select coalesce(known.since, '-infinity') as since, coalesce(known.until, 'infinity') as until
  ) as epoch`;

const survivors = (workspaceId: string, id: Sql) => sql`
  left join customer m on m.workspace_id = ${workspaceId}::uuid and m.id = ${id}
    and m.merged_into is not null`;

/** The epochs of the customers of whom events were taken back: few. */
const selectEpochs = ({ workspaceId, upTo }: HistoryQuery) => sql`
  select survivor_id, since, lead(since) over (partition by survivor_id order by since) as until
  from (
    select distinct coalesce(m.merged_into, e.customer_id) as survivor_id, epoch.since
    from event e ${survivors(workspaceId, sql`e.customer_id`)}
    cross join lateral (values ('-infinity'::timestamptz), (e.counted_until)) as epoch (since)
    where e.workspace_id = ${workspaceId}::uuid and e.counted_until <= ${upTo}::timestamptz
  ) as epoch`;

const selectEventHistory = ({ workspaceId, upTo }: HistoryQuery) => sql`
  select coalesce(m.merged_into, e.customer_id) as survivor_id, e.occurred_at, e.arrival, e.kind, e.name,
    e.origin, e.effect, e.amount, e.currency, e.counts, e.counted_effect, e.counted_until, e.properties, e.corrected,
    null::text as identity_kind, null::text as identity_value,
    null::text as rule_set_id, null::text as from_stage, null::text as to_stage, null::bigint as position,
    null::boolean as is_own
  from event e ${survivors(workspaceId, sql`e.customer_id`)}
  where e.workspace_id = ${workspaceId}::uuid and e.occurred_at <= ${upTo}::timestamptz`;

/** The columns of events, for entries that are not events. */
export const emptyEventColumns = sql`null, null, null, null, null, null, null, null, null, null, null, null`;

export const selectIdentityHistory: HistorySource = ({ workspaceId, upTo }) => sql`
  select coalesce(m.merged_into, i.customer_id), i.since, ${emptyEventColumns}, i.kind, i.value, null, null, null, null,
    null
  from identity i ${survivors(workspaceId, sql`i.customer_id`)}
  where i.workspace_id = ${workspaceId}::uuid and i.since <= ${upTo}::timestamptz`;
