import type { Transaction } from '../../platform/database.ts';
import { sql, unnestRows } from '../../platform/sql.ts';
import { type PlacedDifference, splitDifferences } from './differences.ts';
import type { Difference } from './outcome.ts';
import { keyColumns, placementColumns } from './placement-columns.ts';

/** Stores placements under rule sets in running builds. */
export function storeBuildPlacements(db: Transaction, differences: readonly Difference[]): void {
  const { placed, removed } = splitDifferences(differences);
  deletePlacements(db, removed);
  upsertPlacements(db, placed);
}

function upsertPlacements(db: Transaction, rows: readonly PlacedDifference[]) {
  if (rows.length === 0) return;
  db.send(sql`
    insert into build_place (workspace_id, build_id, customer_id, stage_key, since, left_at)
    select ${db.workspaceId}, * from ${unnestRows('row', rows, { ...keyColumns, ...placementColumns })}
    on conflict (workspace_id, build_id, customer_id) do update
      set stage_key = excluded.stage_key, since = excluded.since, left_at = excluded.left_at`);
}

/** Looks up rows one by one in the index: see `rowOfCustomer`. */
function deletePlacements(db: Transaction, rows: readonly Difference[]) {
  if (rows.length === 0) return;
  db.send(sql`
    delete from build_place using ${unnestRows('removed', rows, keyColumns)}
    cross join lateral (
      select p.ctid from build_place p where p.workspace_id = ${db.workspaceId}
        and p.build_id = removed.set_id and p.customer_id = removed.customer_id offset 0) as found
    where workspace_id = ${db.workspaceId} and build_place.ctid = found.ctid`);
}
