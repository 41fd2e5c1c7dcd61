import type { Tx } from '../platform/database.ts';

export interface StageCount {
  lifecycleId: string;
  stageKey: string;
  customers: number;
}

/** How many customers are in each stage at present; a stage without any has no row. */
export function countStages(tx: Tx, workspaceId: string): Promise<StageCount[]> {
  return tx.$queryRaw<StageCount[]>`
    select lifecycle_id as "lifecycleId", stage_key as "stageKey", count(*)::int as customers
    from customer_stage
    where workspace_id = ${workspaceId}::uuid
    group by lifecycle_id, stage_key`;
}
