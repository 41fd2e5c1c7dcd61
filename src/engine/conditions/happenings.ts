import { Prisma } from '../../../prisma/generated/client.ts';
import { bandPlace, flaggedKey, flagPlace } from '../../domains/churn/filter/risk-clause.ts';

/** What customers' answers may be made of besides events: names, moves between stages, changes of risk. */
export type Source = 'names' | 'moves' | 'risks';

interface Asked {
  workspaceId: string;
  upTo: Date;
}

/**
 * What happened to each customer up to an instant: the events of all that it consists of and, of these
 * sources, the names it was given and its own moves. Only events have a kind and an order of arrival.
 */
export const happenings = (asked: Asked, sources: ReadonlySet<Source>): Prisma.Sql =>
  Prisma.join(
    [events(asked), ...[...sources].map((source) => selects[source](asked))],
    ' union all ',
  );

const survivors = (workspaceId: string, id: Prisma.Sql) => Prisma.sql`
  left join customer m on m.workspace_id = ${workspaceId}::uuid and m.id = ${id}
    and m.merged_into is not null`;

const events = ({ workspaceId, upTo }: Asked) => Prisma.sql`
  select coalesce(m.merged_into, e.customer_id) as survivor_id, e.occurred_at, e.arrival, e.kind, e.name,
    e.effect, e.amount, e.currency, e.properties, null::text as called, null::text as value,
    null::text as place, null::text as from_stage, null::text as to_stage, null::bigint as position
  from event e ${survivors(workspaceId, Prisma.sql`e.customer_id`)}
  where e.workspace_id = ${workspaceId}::uuid and e.occurred_at <= ${upTo}::timestamptz`;

const noEvent = Prisma.sql`null, null, null, null, null, null, null`;

const selects: Record<Source, (asked: Asked) => Prisma.Sql> = {
  names: ({ workspaceId, upTo }) => Prisma.sql`
    select coalesce(m.merged_into, i.customer_id), i.since, ${noEvent}, i.kind, i.value, null, null, null, null
    from identity i ${survivors(workspaceId, Prisma.sql`i.customer_id`)}
    where i.workspace_id = ${workspaceId}::uuid and i.since <= ${upTo}::timestamptz`,
  moves: ({ workspaceId, upTo }) => Prisma.sql`
    select t.customer_id, t.at, ${noEvent}, null, null, t.lifecycle_id::text, t.from_stage, t.to_stage,
      t.position
    from transition t
    where t.workspace_id = ${workspaceId}::uuid and t.at <= ${upTo}::timestamptz`,
  risks: ({ workspaceId, upTo }) => Prisma.sql`
    select r.customer_id, r.at, ${noEvent}, null, null,
      case r.kind when 'CHURN_RISK_BAND_CHANGED' then ${bandPlace}::text else ${flagPlace}::text end, null,
      case r.kind when 'CHURN_RISK_BAND_CHANGED' then r.data ->> 'to'
        when 'CHURN_RISK_FLAGGED' then ${flaggedKey}::text end,
      r.position
    from change r
    where r.workspace_id = ${workspaceId}::uuid and r.kind like 'CHURN\\_RISK\\_%'
      and r.at <= ${upTo}::timestamptz`,
};
