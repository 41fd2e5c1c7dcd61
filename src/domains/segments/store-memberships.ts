import { type PlacedDifference, splitDifferences } from '../../engine/evaluation/differences.ts';
import type { Difference } from '../../engine/evaluation/outcome.ts';
import { customerIdsOf, setIdsOf, sinceOf } from '../../engine/evaluation/placement-columns.ts';
import type { Sql } from '../../platform/database.ts';

/** Stores who entered or left segments. */
export function storeMemberships(
  sql: Sql,
  workspaceId: string,
  differences: readonly Difference[],
): void {
  const { placed, removed } = splitDifferences(differences);
  deleteMembers(sql, workspaceId, removed);
  insertMembers(sql, workspaceId, placed);
}

function insertMembers(sql: Sql, workspaceId: string, rows: readonly PlacedDifference[]) {
  if (rows.length === 0) return;
  sql.send(
    `insert into segment_member (workspace_id, segment_id, customer_id, since)
     select $1, * from unnest($2::uuid[], $3::uuid[], $4::timestamptz[])
     on conflict (workspace_id, segment_id, customer_id) do update set since = excluded.since`,
    [workspaceId, setIdsOf(rows), customerIdsOf(rows), sinceOf(rows)],
  );
}

/** Looked up by the index, row by row: see `rowOfCustomer`. */
function deleteMembers(sql: Sql, workspaceId: string, rows: readonly Difference[]) {
  if (rows.length === 0) return;
  sql.send(
    `delete from segment_member using unnest($2::uuid[], $3::uuid[]) as gone (segment_id, customer_id)
     cross join lateral (
       select m.ctid from segment_member m where m.workspace_id = $1
         and m.segment_id = gone.segment_id and m.customer_id = gone.customer_id offset 0) as found
     where workspace_id = $1 and segment_member.ctid = found.ctid`,
    [workspaceId, setIdsOf(rows), customerIdsOf(rows)],
  );
}
