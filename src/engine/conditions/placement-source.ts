import type { Sql } from '../../platform/sql.ts';
import { installedExtensions } from '../extensions.ts';
import type { HistorySource } from './history-sources.ts';

declare module '../extensions.ts' {
  interface Extension {
    placements?: PlacementSource;
  }
}

/** How to read the placements that a domain stores for its rule sets. */
export interface PlacementSource {
  /** Whether it stores the placements of this rule set. */
  has(ruleSetId: string): boolean;
  /** Selects the placements of all customers in one rule set: customer_id, stage_key, since, left_at. */
  selectCurrent(workspaceId: string, ruleSetId: string): Sql;
  /**
   * Selects the placements of some customers, now or at an earlier instant: "customerId", "ruleSetId",
   * "stageKey", since, "leftAt" (an object of RFC 3339 instants by stage).
   */
  selectForCustomers(query: PlacementQuery): Sql;
  /** Selects the moves between stages, for conditions in the past. */
  moves: HistorySource;
}

export interface PlacementQuery {
  workspaceId: string;
  ids: readonly string[];
  /** Now, if absent. */
  at?: Date | undefined;
}

export const placementSources = (): PlacementSource[] =>
  installedExtensions().flatMap(({ placements }) => placements ?? []);

export function placementSourceOf(ruleSetId: string): PlacementSource {
  const found = placementSources().find((source) => source.has(ruleSetId));
  if (!found) throw new Error(`No domain stores the placements of rule set ${ruleSetId}`);
  return found;
}
