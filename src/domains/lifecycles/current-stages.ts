import type { Tx } from '../../platform/database.ts';

/** A customer's place in one lifecycle. */
export interface CurrentStage {
  customerId: string;
  lifecycleId: string;
  stageKey: string;
  since: Date;
  /** Rules leave the customer there; until then, or for ever if that is null. */
  isPinned: boolean;
  pinnedUntil: Date | null;
}

/** Where these customers are at present. */
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
