import { Prisma } from '../../../prisma/generated/client.ts';

/**
 * The moves of one lifecycle, for statements that read all of them: the view `transition` turns more of
 * each row into columns than they need, which costs as much as all the rest. Kept apart (`offset 0`) so
 * that what is sorted are these columns and not the whole rows.
 */
export const selectStageMoves = (workspaceId: string, lifecycleId: string) => Prisma.sql`(
  select customer_id, position, at, data ->> 'from' as from_stage, data ->> 'to' as to_stage,
    data ->> 'cause' as cause
  from change
  where workspace_id = ${workspaceId}::uuid and kind = 'STAGE_CHANGED'
    and data ->> 'lifecycle' = ${lifecycleId}::text
  offset 0)`;

/** The merged customers, few beside all there are, and whom they are part of today. */
export const selectMergedCustomers = (workspaceId: string) => Prisma.sql`(
  select id, merged_into from customer
  where workspace_id = ${workspaceId}::uuid and merged_into is not null)`;
