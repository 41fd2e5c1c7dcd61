import { emptyEventColumns } from '../../../engine/conditions/history-sources.ts';
import type { PlacementSource } from '../../../engine/conditions/placement-source.ts';
import { familyOf } from '../../../engine/customers/family.ts';
import { rawSql, sql } from '../../../platform/sql.ts';
import { movesOfMember } from './stage-moves-of-family.ts';

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
    select coalesce(c.merged_into, c.id), t.at, ${emptyEventColumns}, null, null, t.lifecycle_id::text, t.from_stage,
      t.to_stage, t.position, c.merged_into is null
    from (${selectAllMoves(workspaceId)}) as t
    join customer c on c.workspace_id = ${workspaceId}::uuid and c.id = t.customer_id
    where t.at <= ${upTo}::timestamptz`,
};

/** The moves of all customers, with the stages that merged ones left by being merged. */
const selectAllMoves = (workspaceId: string) => sql`
  select t.customer_id, t.lifecycle_id, t.from_stage, t.to_stage, t.at, t.position from transition t
  where t.workspace_id = ${workspaceId}::uuid
  union all
  select (c.data ->> 'from')::uuid, place.lifecycle_id::uuid, place.stage_key, null, c.at, c.position
  from change c cross join lateral jsonb_each_text(c.data -> 'places') as place (lifecycle_id, stage_key)
  where c.workspace_id = ${workspaceId}::uuid and c.kind = 'CUSTOMER_MERGED'`;

const selectPresent = (workspaceId: string, ids: readonly string[]) => sql`
  select customer_id as "customerId", lifecycle_id::text as "ruleSetId", stage_key as "stageKey",
    since, left_at as "leftAt"
  from customer_stage
  where workspace_id = ${workspaceId}::uuid and customer_id = any(${ids}::uuid[])`;

/**
 * At a past instant the customers that are one today count as one: its own last move counts or, before its first move,
 * the last move of the others into a stage. The stage that another one was in has not been left.
 */
const selectPast = (workspaceId: string, ids: readonly string[], at: Date) => sql`
  with moves as (
    select owner.id as customer_id, member.id = owner.id as is_own, member.id as member_id, m.*
    from unnest(${ids}::uuid[]) as owner (id)
    cross join lateral ${familyOf(workspaceId, rawSql('owner.id'))} as member
    cross join lateral (${movesOfMember(workspaceId, rawSql('member.id'))}) as m
    where m.at <= ${at}::timestamptz
  ), latest as (
    select distinct on (customer_id, lifecycle_id, member_id) * from moves
    order by customer_id, lifecycle_id, member_id, at desc, position desc
  ), present as (
    select distinct on (customer_id, lifecycle_id) * from moves where is_own or to_stage is not null
    order by customer_id, lifecycle_id, is_own desc, at desc, position desc
  ), leavings as (
    select customer_id, lifecycle_id, jsonb_object_agg(stage, nullif(left_at, 'infinity')) as left_at
    from (
      select customer_id, lifecycle_id, stage, max(at) as left_at
      from (
        select customer_id, lifecycle_id, from_stage as stage, at from moves where from_stage is not null
        union all
        select customer_id, lifecycle_id, to_stage, 'infinity' from latest
        where to_stage is not null and member_id not in (
          select p.member_id from present p
          where p.customer_id = latest.customer_id and p.lifecycle_id = latest.lifecycle_id)
      ) as leaving group by customer_id, lifecycle_id, stage
    ) as left_stages group by customer_id, lifecycle_id
  )
  select p.customer_id as "customerId", p.lifecycle_id::text as "ruleSetId", p.to_stage as "stageKey",
    p.at as since, coalesce(l.left_at, '{}') as "leftAt"
  from present p
  left join leavings l on l.customer_id = p.customer_id and l.lifecycle_id = p.lifecycle_id`;
