import { type PlacedDifference, splitDifferences } from '../../engine/evaluation/differences.ts';
import type { Difference } from '../../engine/evaluation/outcome.ts';
import {
  customerIdsOf,
  leftAtOf,
  setIdsOf,
  sinceOf,
  stageKeysOf,
} from '../../engine/evaluation/placement-columns.ts';
import type { Sql } from '../../platform/database.ts';

/** Stores the stages that customers have come to. A move by a rule ends a pin. */
export function storeStagePlaces(
  sql: Sql,
  workspaceId: string,
  differences: readonly Difference[],
): void {
  const { placed } = splitDifferences(differences);
  if (placed.length > 0) sql.send(upsertStages, [workspaceId, ...columnsOf(placed)]);
}

const columnsOf = (rows: readonly PlacedDifference[]) => [
  customerIdsOf(rows),
  setIdsOf(rows),
  stageKeysOf(rows),
  sinceOf(rows),
  leftAtOf(rows),
];

const upsertStages = `
  insert into customer_stage as place
    (workspace_id, customer_id, lifecycle_id, stage_key, since, left_at)
  select $1, * from unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::jsonb[])
  on conflict (workspace_id, customer_id, lifecycle_id) do update
    set stage_key = excluded.stage_key, since = excluded.since, left_at = excluded.left_at,
      pinned_until = null`;
