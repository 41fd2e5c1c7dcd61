import { Prisma } from '../../../../prisma/generated/client.ts';
import { bandPlace, flaggedKey, flagPlace } from './risk-clause.ts';

/** Whether a place is a band or a flag rather than a stage of a lifecycle. */
export const isRiskPlace = (id: string): boolean => id === bandPlace || id === flagPlace;

/** Bands and flags as places are kept: customer_id, place, stage_key, since. */
export const presentRisks = (workspaceId: string): Prisma.Sql => Prisma.sql`
  select r.customer_id, held.place, held.stage_key, held.since
  from customer_risk r
  cross join lateral (values (${bandPlace}::text, r.band, r.since),
    (${flagPlace}::text, ${flaggedKey}::text, r.flagged_since)) as held (place, stage_key, since)
  where r.workspace_id = ${workspaceId}::uuid and held.since is not null`;

/** The same as of an instant gone by, from the log. */
export const pastRisks = (workspaceId: string, at: Prisma.Sql): Prisma.Sql => Prisma.sql`
  select * from (
    select distinct on (m.customer_id, m.kind = 'CHURN_RISK_BAND_CHANGED') m.customer_id,
      case m.kind when 'CHURN_RISK_BAND_CHANGED' then ${bandPlace}::text else ${flagPlace}::text end
        as place,
      case m.kind when 'CHURN_RISK_BAND_CHANGED' then m.data ->> 'to'
        when 'CHURN_RISK_FLAGGED' then ${flaggedKey}::text end as stage_key, m.at as since
    from change m
    where m.workspace_id = ${workspaceId}::uuid and m.kind like 'CHURN\\_RISK\\_%' and m.at <= ${at}
    order by m.customer_id, m.kind = 'CHURN_RISK_BAND_CHANGED', m.at desc, m.position desc
  ) as last where stage_key is not null`;
