import type { Tx } from '../../platform/database.ts';

export interface StageCount {
  lifecycleId: string;
  stageKey: string;
  customers: number;
}

/** Counts the customers in each stage at present; an empty stage has no row. */
export function countStages(tx: Tx, workspaceId: string): Promise<StageCount[]> {
  return tx.$queryRaw<StageCount[]>`
    select lifecycle_id as "lifecycleId", stage_key as "stageKey", count(*)::int as customers
    from customer_stage
    where workspace_id = ${workspaceId}::uuid
    group by lifecycle_id, stage_key`;
}

/**
 * Counts the customers in each stage of one lifecycle at a past instant: sums the moves up to then and
 * subtracts the customers that had been merged into others.
 */
export function countStagesAt(
  tx: Tx,
  workspaceId: string,
  { lifecycleId, at }: { lifecycleId: string; at: Date },
): Promise<StageCount[]> {
  return tx.$queryRaw<StageCount[]>`
    select ${lifecycleId}::text as "lifecycleId", step.stage as "stageKey", sum(step.delta)::int as customers
    from change c
    cross join lateral (values
      (c.data ->> 'to', 1),
      (case when c.kind = 'STAGE_CHANGED' then c.data ->> 'from' end, -1),
      (c.data -> 'places' ->> ${lifecycleId}::text, -1)
    ) as step (stage, delta)
    where c.workspace_id = ${workspaceId}::uuid and c.at <= ${at} and step.stage is not null
      and (c.kind = 'STAGE_CHANGED' and c.data ->> 'lifecycle' = ${lifecycleId}::text
        or c.kind = 'CUSTOMER_MERGED' and c.data -> 'places' ? ${lifecycleId}::text)
    group by step.stage having sum(step.delta) <> 0`;
}
