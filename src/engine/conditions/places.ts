import { Prisma } from '../../../prisma/generated/client.ts';
import { pastRisks, presentRisks } from '../../domains/churn/filter/risk-places.ts';
import type { Sql } from '../../platform/database.ts';
import type { Place } from './tree.ts';

/** The places of customers, by customer and lifecycle. */
export type Places = Map<string, Map<string, Place>>;

interface PlaceRow {
  customerId: string;
  lifecycleId: string;
  stageKey: string;
  since: Date;
  leftAt: Record<string, string>;
}

/** Where these customers are now, or were at an instant gone by. */
export async function loadPlaces(
  sql: Sql,
  workspaceId: string,
  ids: readonly string[],
  at?: Date,
): Promise<Places> {
  const { text, values } = at ? selectPast(workspaceId, ids, at) : selectPresent(workspaceId, ids);
  const { rows } = await sql.query<PlaceRow>(text, values);
  const places: Places = new Map();
  for (const { customerId, lifecycleId, stageKey, since, leftAt } of rows) {
    const own = places.get(customerId) ?? new Map<string, Place>();
    places.set(customerId, own.set(lifecycleId, toPlace(stageKey, since, leftAt)));
  }
  return places;
}

export const toPlace = (stageKey: string, since: Date, leftAt: Record<string, string>): Place => ({
  stageKey,
  since: since.getTime(),
  leftAt: Object.fromEntries(Object.entries(leftAt).map(([key, at]) => [key, Date.parse(at)])),
});

const selectPresent = (workspaceId: string, ids: readonly string[]) => Prisma.sql`
  select customer_id as "customerId", lifecycle_id::text as "lifecycleId", stage_key as "stageKey",
    since, left_at as "leftAt"
  from customer_stage
  where workspace_id = ${workspaceId}::uuid and customer_id = any(${ids}::uuid[])
  union all
  select customer_id, place, stage_key, since, '{}' from (${presentRisks(workspaceId)}) as risk
  where customer_id = any(${ids}::uuid[])`;

const selectPast = (workspaceId: string, ids: readonly string[], at: Date) => Prisma.sql`
  with moves as (
    select * from transition
    where workspace_id = ${workspaceId}::uuid and customer_id = any(${ids}::uuid[])
      and at <= ${at}::timestamptz
  ), leavings as (
    select customer_id, lifecycle_id, jsonb_object_agg(from_stage, left_at) as left_at
    from (
      select customer_id, lifecycle_id, from_stage, max(at) as left_at from moves
      where from_stage is not null group by customer_id, lifecycle_id, from_stage
    ) as left_stages group by customer_id, lifecycle_id
  )
  (select distinct on (m.customer_id, m.lifecycle_id) m.customer_id as "customerId",
    m.lifecycle_id::text as "lifecycleId", m.to_stage as "stageKey", m.at as since,
    coalesce(l.left_at, '{}') as "leftAt"
  from moves m
  left join leavings l on l.customer_id = m.customer_id and l.lifecycle_id = m.lifecycle_id
  order by m.customer_id, m.lifecycle_id, m.at desc, m.position desc)
  union all
  select customer_id, place, stage_key, since, '{}'
  from (${pastRisks(workspaceId, Prisma.sql`${at}::timestamptz`)}) as risk
  where customer_id = any(${ids}::uuid[])`;
