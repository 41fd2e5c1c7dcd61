import type { Tx } from '../../platform/database.ts';

/** The stage that a customer is in, in one lifecycle. */
export interface CurrentStage {
  customerId: string;
  lifecycleId: string;
  stageKey: string;
  since: Date;
  /** Whether rules leave the customer in the stage: until `pinnedUntil`, or without end if that is null. */
  isPinned: boolean;
  pinnedUntil: Date | null;
}

/** Loads the current stages of these customers, by customer. */
export async function loadCurrentStages(
  tx: Tx,
  workspaceId: string,
  query: { customerIds: readonly string[]; now: Date },
): Promise<Map<string, CurrentStage[]>> {
  const rows = await tx.$queryRaw<CurrentStage[]>`
    select customer_id as "customerId", lifecycle_id as "lifecycleId", stage_key as "stageKey", since,
      coalesce(pinned_until > ${query.now}, false) as "isPinned",
      case when pinned_until > ${query.now} then nullif(pinned_until, 'infinity') end as "pinnedUntil"
    from customer_stage
    where workspace_id = ${workspaceId}::uuid and customer_id = any(${query.customerIds}::uuid[])`;
  return Map.groupBy(rows, ({ customerId }) => customerId);
}
