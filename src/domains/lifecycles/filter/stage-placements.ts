import { emptyEventColumns } from '../../../engine/conditions/history-sources.ts';
import type { PlacementSource } from '../../../engine/conditions/placement-source.ts';
import { sql } from '../../../platform/sql.ts';

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The stages of customers in lifecycles. */
export const stagePlacements: PlacementSource = {
  has: (ruleSetId) => uuidPattern.test(ruleSetId),
  selectCurrent: (workspaceId, lifecycleId) => sql`
    select customer_id, stage_key, since, left_at from customer_stage
    where workspace_id = ${workspaceId}::uuid and lifecycle_id = ${lifecycleId}::uuid`,
  selectForCustomers: ({ workspaceId, ids, at }) =>
    at ? selectPast(workspaceId, ids, at) : selectPresent(workspaceId, ids),
  moves: ({ workspaceId, upTo }) => sql`
    select t.customer_id, t.at, ${emptyEventColumns}, null, null, t.lifecycle_id::text, t.from_stage, t.to_stage,
      t.position
    from transition t
    where t.workspace_id = ${workspaceId}::uuid and t.at <= ${upTo}::timestamptz`,
};

const selectPresent = (workspaceId: string, ids: readonly string[]) => sql`
  select customer_id as "customerId", lifecycle_id::text as "ruleSetId", stage_key as "stageKey",
    since, left_at as "leftAt"
  from customer_stage
  where workspace_id = ${workspaceId}::uuid and customer_id = any(${ids}::uuid[])`;

const selectPast = (workspaceId: string, ids: readonly string[], at: Date) => sql`
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
  select distinct on (m.customer_id, m.lifecycle_id) m.customer_id as "customerId",
    m.lifecycle_id::text as "ruleSetId", m.to_stage as "stageKey", m.at as since,
    coalesce(l.left_at, '{}') as "leftAt"
  from moves m
  left join leavings l on l.customer_id = m.customer_id and l.lifecycle_id = m.lifecycle_id
  order by m.customer_id, m.lifecycle_id, m.at desc, m.position desc`;
