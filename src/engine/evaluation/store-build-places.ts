import type { Sql } from '../../platform/database.ts';
import { type PlacedDifference, splitDifferences } from './differences.ts';
import type { Difference } from './outcome.ts';
import { customerIdsOf, leftAtOf, setIdsOf, sinceOf, stageKeysOf } from './placement-columns.ts';

/** Stores placements under rule sets in running builds. */
export function storeBuildPlaces(
  sql: Sql,
  workspaceId: string,
  differences: readonly Difference[],
): void {
  const { placed, removed } = splitDifferences(differences);
  deletePlaces(sql, workspaceId, removed);
  upsertPlaces(sql, workspaceId, placed);
}

function upsertPlaces(sql: Sql, workspaceId: string, rows: readonly PlacedDifference[]) {
  if (rows.length === 0) return;
  sql.send(
    `insert into build_place (workspace_id, build_id, customer_id, stage_key, since, left_at)
     select $1, * from unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::jsonb[])
     on conflict (workspace_id, build_id, customer_id) do update
       set stage_key = excluded.stage_key, since = excluded.since, left_at = excluded.left_at`,
    [
      workspaceId,
      setIdsOf(rows),
      customerIdsOf(rows),
      stageKeysOf(rows),
      sinceOf(rows),
      leftAtOf(rows),
    ],
  );
}

/** Looked up by the index, row by row: see `rowOfCustomer`. */
function deletePlaces(sql: Sql, workspaceId: string, rows: readonly Difference[]) {
  if (rows.length === 0) return;
  sql.send(
    `delete from build_place using unnest($2::uuid[], $3::uuid[]) as gone (build_id, customer_id)
     cross join lateral (
       select p.ctid from build_place p where p.workspace_id = $1
         and p.build_id = gone.build_id and p.customer_id = gone.customer_id offset 0) as found
     where workspace_id = $1 and build_place.ctid = found.ctid`,
    [workspaceId, setIdsOf(rows), customerIdsOf(rows)],
  );
}
