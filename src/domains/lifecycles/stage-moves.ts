import { sql } from '../../platform/sql.ts';

/**
 * The moves of one lifecycle, for statements that read all of them. The view `transition` extracts more
 * columns than they need, which takes as long as the rest of the statement. `offset 0` keeps the subquery
 * separate, so that PostgreSQL sorts these columns and not whole rows.
 */
export const selectStageMoves = (workspaceId: string, lifecycleId: string) => sql`(
  select customer_id, position, at, data ->> 'from' as from_stage, data ->> 'to' as to_stage,
    data ->> 'cause' as cause
  from change
  where workspace_id = ${workspaceId}::uuid and kind = 'STAGE_CHANGED'
    and data ->> 'lifecycle' = ${lifecycleId}::text
  offset 0)`;

/** The merged customers and the customers they are merged into today. They are few among all customers. */
export const selectMergedCustomers = (workspaceId: string) => sql`(
  select id, merged_into from customer
  where workspace_id = ${workspaceId}::uuid and merged_into is not null)`;
