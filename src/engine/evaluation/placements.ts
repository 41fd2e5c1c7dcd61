import type { Transaction } from '../../platform/database.ts';
import { joinSql, type Sql, sql } from '../../platform/sql.ts';
import { toPlacement } from '../conditions/load-stage-placements.ts';
import { ruleSetKinds } from './definitions.ts';
import type { Placements } from './outcome.ts';
import type { RuleSet } from './rule-set.ts';
import type { RuleSets } from './rules.ts';

interface PlacementRow {
  customerId: string;
  setId: string;
  stageKey: string;
  since: Date;
  leftAt: Record<string, string> | null;
  pinnedUntil: Date | number | null;
  data: unknown;
}

/** Loads the placements of customers under all rule sets, in one statement. */
export async function loadPlacements(
  db: Transaction,
  rules: Pick<RuleSets, 'sets'>,
  ids: readonly string[],
): Promise<Map<string, Placements>> {
  const placements = new Map(ids.map((id): [string, Placements] => [id, new Map()]));
  const parts = selectParts(db.workspaceId, rules.sets);
  if (ids.length === 0 || parts.length === 0) return placements;
  const { rows } = await db.query<PlacementRow>(selectAll(ids, parts));
  for (const { customerId, setId, stageKey, since, leftAt, pinnedUntil, data } of rows) {
    placements.get(customerId)?.set(setId, {
      ...toPlacement(stageKey, since, leftAt ?? {}),
      pinnedUntil: pinnedUntil === null ? undefined : Number(pinnedUntil),
      data: data ?? undefined,
    });
  }
  return placements;
}

/** Selects only placements that some rule can change or depends on. */
function selectParts(workspaceId: string, sets: readonly RuleSet[]): Sql[] {
  const dependsOnPlacements = sets.some(({ dependsOn }) => dependsOn.length > 0);
  const parts = ruleSetKinds().flatMap((kind) => {
    const own = sets.filter((set) => set.kind === kind.name);
    if (own.length === 0 && !dependsOnPlacements) return [];
    const active = own.filter(({ buildId }) => buildId === null);
    return kind.selectPlacements(workspaceId, active) ?? [];
  });
  return sets.some(({ buildId }) => buildId !== null)
    ? [...parts, selectBuildPlacements(workspaceId)]
    : parts;
}

const selectBuildPlacements = (workspaceId: string) => sql`
  select build_id::text as "setId", stage_key as "stageKey", since, left_at as "leftAt",
    null::timestamptz as "pinnedUntil", null::json as data
  from build_place where workspace_id = ${workspaceId}::uuid and customer_id = customer.id`;

/** Looks up customers one by one: see `rowOfCustomer`. */
const selectAll = (ids: readonly string[], parts: Sql[]) => sql`
  select customer.id as "customerId", placement.* from unnest(${ids}::uuid[]) as customer (id)
  cross join lateral (${joinSql(parts, ' union all ')} offset 0) as placement`;

/** The ids of `PLACED` sets under which at least one of the customers has a placement. */
export const placedIn = (
  sets: readonly RuleSet[],
  customers: ReadonlyArray<{ placements: Placements }>,
): Set<string> =>
  new Set(
    sets.flatMap(({ appliesTo, id }) =>
      appliesTo === 'PLACED' && customers.some(({ placements }) => placements.has(id)) ? [id] : [],
    ),
  );
