import type { Tx } from '../../platform/database.ts';

/** A customer's place in one lifecycle. */
export interface Place {
  customerId: string;
  lifecycleId: string;
  stageKey: string;
  since: Date;
  /** Rules leave the customer there; until then, or for ever if that is null. */
  isPinned: boolean;
  pinnedUntil: Date | null;
}

/** Where these customers are at present. */
export async function placesOf(
  tx: Tx,
  workspaceId: string,
  asked: { customerIds: readonly string[]; now: Date },
): Promise<Map<string, Place[]>> {
  const rows = await tx.$queryRaw<Place[]>`
    select customer_id as "customerId", lifecycle_id as "lifecycleId", stage_key as "stageKey", since,
      coalesce(pinned_until > ${asked.now}, false) as "isPinned",
      case when pinned_until > ${asked.now} then nullif(pinned_until, 'infinity') end as "pinnedUntil"
    from customer_stage
    where workspace_id = ${workspaceId}::uuid and customer_id = any(${asked.customerIds}::uuid[])`;
  return Map.groupBy(rows, ({ customerId }) => customerId);
}
