import { Prisma } from '../../prisma/generated/client.ts';
import { bandPlace, flaggedKey, flagPlace } from './risk-clause.ts';

/**
 * What a customer's answers are made of, up to an instant: the events of all that it consists of, the names
 * it was given, its own moves. Rows (survivor_id, occurred_at, arrival and kind of events alone, …).
 */
export const happenings = (workspaceId: string, upTo: Date): Prisma.Sql => Prisma.sql`
  select coalesce(m.merged_into, e.customer_id) as survivor_id, e.occurred_at, e.arrival, e.kind, e.name,
    e.effect, e.amount, e.currency, e.properties, null::text as called, null::text as value,
    null::text as place, null::text as from_stage, null::text as to_stage, null::bigint as position
  from event e
  left join customer m on m.workspace_id = ${workspaceId}::uuid and m.id = e.customer_id
    and m.merged_into is not null
  where e.workspace_id = ${workspaceId}::uuid and e.occurred_at <= ${upTo}::timestamptz
  union all
  select coalesce(m.merged_into, i.customer_id), i.since, null, null, null, null, null, null, null,
    i.kind, i.value, null, null, null, null
  from identity i
  left join customer m on m.workspace_id = ${workspaceId}::uuid and m.id = i.customer_id
    and m.merged_into is not null
  where i.workspace_id = ${workspaceId}::uuid and i.since <= ${upTo}::timestamptz
  union all
  select t.customer_id, t.at, null, null, null, null, null, null, null, null, null,
    t.lifecycle_id::text, t.from_stage, t.to_stage, t.position
  from transition t
  where t.workspace_id = ${workspaceId}::uuid and t.at <= ${upTo}::timestamptz
  union all
  select r.customer_id, r.at, null, null, null, null, null, null, null, null, null,
    case r.kind when 'CHURN_RISK_BAND_CHANGED' then ${bandPlace}::text else ${flagPlace}::text end, null,
    case r.kind when 'CHURN_RISK_BAND_CHANGED' then r.data ->> 'to'
      when 'CHURN_RISK_FLAGGED' then ${flaggedKey}::text end, r.position
  from change r
  where r.workspace_id = ${workspaceId}::uuid and r.kind like 'CHURN\\_RISK\\_%'
    and r.at <= ${upTo}::timestamptz`;
