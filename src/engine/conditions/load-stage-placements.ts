import { Prisma } from '../../../prisma/generated/client.ts';
import type { Sql } from '../../platform/database.ts';
import { placementSources } from './placement-source.ts';
import type { StagePlacement } from './stage-placement.ts';

/** Where customers are placed, by customer and rule set. */
export type PlacementsByCustomer = Map<string, Map<string, StagePlacement>>;

interface PlacementRow {
  customerId: string;
  ruleSetId: string;
  stageKey: string;
  since: Date;
  leftAt: Record<string, string>;
}

/** Where these customers are placed now, or were at an earlier instant. */
export async function loadStagePlacements(
  sql: Sql,
  workspaceId: string,
  ids: readonly string[],
  at?: Date,
): Promise<PlacementsByCustomer> {
  const placements: PlacementsByCustomer = new Map();
  const selects = placementSources().map((source) => source.selectOf({ workspaceId, ids, at }));
  if (selects.length === 0) return placements;
  const { text, values } = Prisma.sql`(${Prisma.join(selects, ') union all (')})`;
  const { rows } = await sql.query<PlacementRow>(text, values);
  for (const { customerId, ruleSetId, stageKey, since, leftAt } of rows) {
    const own = placements.get(customerId) ?? new Map<string, StagePlacement>();
    placements.set(customerId, own.set(ruleSetId, toPlacement(stageKey, since, leftAt)));
  }
  return placements;
}

export const toPlacement = (
  stageKey: string,
  since: Date,
  leftAt: Record<string, string>,
): StagePlacement => ({
  stageKey,
  since: since.getTime(),
  leftAt: Object.fromEntries(Object.entries(leftAt).map(([key, at]) => [key, Date.parse(at)])),
});
