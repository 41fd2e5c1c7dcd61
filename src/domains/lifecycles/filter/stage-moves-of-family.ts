import { type Sql, sql } from '../../../platform/sql.ts';

/**
 * Selects the moves that were recorded for the customer with this id, and the stages that it left by being merged:
 * lifecycle_id, from_stage, to_stage, at, position.
 */
export const movesOfMember = (workspaceId: string, id: Sql): Sql => sql`
  select t.lifecycle_id, t.from_stage, t.to_stage, t.at, t.position from transition t
  where t.workspace_id = ${workspaceId}::uuid and t.customer_id = ${id}
  union all
  select place.lifecycle_id::uuid, place.stage_key, null, c.at, c.position
  from customer_merge g
  join change c on c.workspace_id = ${workspaceId}::uuid and c.customer_id = g.into_customer_id
    and c.kind = 'CUSTOMER_MERGED' and c.data ->> 'merge' = g.id::text
  cross join lateral jsonb_each_text(c.data -> 'places') as place (lifecycle_id, stage_key)
  where g.workspace_id = ${workspaceId}::uuid and g.from_customer_id = ${id}`;
