import type { Transaction } from '../../platform/database.ts';
import { joinSql, sql } from '../../platform/sql.ts';
import { placementSources } from './placement-source.ts';
import type { StagePlacement } from './stage-placement.ts';

/** Placements by customer id and rule set id. */
export type PlacementsByCustomer = Map<string, Map<string, StagePlacement>>;

interface PlacementRow {
  customerId: string;
  ruleSetId: string;
  stageKey: string;
  since: Date;
  leftAt: LeftStages;
}

/** When a customer last left each stage; null if a customer merged into it later was in the stage then. */
type LeftStages = Record<string, string | null>;

/** Loads the placements of customers, now or at an earlier instant. */
export async function loadStagePlacements(
  db: Transaction,
  ids: readonly string[],
  at?: Date,
): Promise<PlacementsByCustomer> {
  const placements: PlacementsByCustomer = new Map();
  const selects = placementSources().map((source) =>
    source.selectForCustomers({ workspaceId: db.workspaceId, ids, at }),
  );
  if (selects.length === 0) return placements;
  const { rows } = await db.query<PlacementRow>(sql`(${joinSql(selects, ') union all (')})`);
  for (const { customerId, ruleSetId, stageKey, since, leftAt } of rows) {
    const own = placements.get(customerId) ?? new Map<string, StagePlacement>();
    placements.set(customerId, own.set(ruleSetId, toPlacement(stageKey, since, leftAt)));
  }
  return placements;
}

export const toPlacement = (stageKey: string, since: Date, leftAt: LeftStages): StagePlacement => ({
  stageKey,
  since: since.getTime(),
  leftAt: Object.fromEntries(
    Object.entries(leftAt).map(([key, at]) => [key, at === null ? Infinity : Date.parse(at)]),
  ),
});
