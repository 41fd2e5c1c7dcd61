import type { Tx } from '../../platform/database.ts';
import { selectMergedCustomers, selectStageMoves } from './stage-moves.ts';

/** The moves from one stage to another. */
export interface StageLink {
  /** Null for customers that had no stage before. */
  from: string | null;
  /** Null for customers that a change of the rules left without a stage. */
  to: string | null;
  /** Distinct customers and their moves, those made by a change of the rules excluded. */
  customers: number;
  moves: number;
  /** Moves caused by a change of the rules. */
  redefined: number;
}

/** Customers that were merged into others while they were in the stage. */
export interface MergedFromStage {
  stage: string;
  customers: number;
}

interface FlowWindow {
  lifecycleId: string;
  /** Exclusive. */
  from: Date;
  to: Date;
}

/** Counts the moves between the stages of one lifecycle within a window. */
export function readStageLinks(
  tx: Tx,
  workspaceId: string,
  { lifecycleId, from, to }: FlowWindow,
): Promise<StageLink[]> {
  return tx.$queryRaw<StageLink[]>`
    select t.from_stage as "from", t.to_stage as "to",
      (count(distinct coalesce(m.merged_into, t.customer_id)) filter (where t.cause <> 'DEFINITION'))::int as customers,
      (count(*) filter (where t.cause <> 'DEFINITION'))::int as moves,
      (count(*) filter (where t.cause = 'DEFINITION'))::int as redefined
    from ${selectStageMoves(workspaceId, lifecycleId)} as t
    left join ${selectMergedCustomers(workspaceId)} as m on m.id = t.customer_id
    where t.at > ${from} and t.at <= ${to}
    group by t.from_stage, t.to_stage
    order by moves desc, redefined desc, t.from_stage nulls first, t.to_stage`;
}

/** Counts the customers of each stage that were merged into others within a window. */
export function countMergedFromStages(
  tx: Tx,
  workspaceId: string,
  { lifecycleId, from, to }: FlowWindow,
): Promise<MergedFromStage[]> {
  return tx.$queryRaw<MergedFromStage[]>`
    select data -> 'places' ->> ${lifecycleId}::text as stage, count(*)::int as customers
    from change
    where workspace_id = ${workspaceId}::uuid and kind = 'CUSTOMER_MERGED'
      and data -> 'places' ? ${lifecycleId}::text and at > ${from} and at <= ${to}
    group by 1`;
}
