import { splitDifferences } from '../../engine/evaluation/differences.ts';
import type { Difference } from '../../engine/evaluation/outcome.ts';
import { keyColumns, placementColumns } from '../../engine/evaluation/placement-columns.ts';
import type { Transaction } from '../../platform/database.ts';
import { sql, unnestRows } from '../../platform/sql.ts';

/** Stores the stages that customers have come to. A move by a rule ends a pin. */
export function storeStagePlaces(db: Transaction, differences: readonly Difference[]): void {
  const { placed } = splitDifferences(differences);
  if (placed.length === 0) return;
  db.send(sql`
    insert into customer_stage as place
      (workspace_id, lifecycle_id, customer_id, stage_key, since, left_at)
    select ${db.workspaceId}, * from ${unnestRows('row', placed, { ...keyColumns, ...placementColumns })}
    on conflict (workspace_id, customer_id, lifecycle_id) do update
      set stage_key = excluded.stage_key, since = excluded.since, left_at = excluded.left_at,
        pinned_until = null`);
}
