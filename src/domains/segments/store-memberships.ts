import { type PlacedDifference, splitDifferences } from '../../engine/evaluation/differences.ts';
import type { Difference } from '../../engine/evaluation/outcome.ts';
import { keyColumns, placementColumns } from '../../engine/evaluation/placement-columns.ts';
import type { Transaction } from '../../platform/database.ts';
import { sql, unnestRows } from '../../platform/sql.ts';

/** Stores who entered or left segments. */
export function storeMemberships(db: Transaction, differences: readonly Difference[]): void {
  const { placed, removed } = splitDifferences(differences);
  deleteMembers(db, removed);
  insertMembers(db, placed);
}

function insertMembers(db: Transaction, rows: readonly PlacedDifference[]) {
  if (rows.length === 0) return;
  db.send(sql`
    insert into segment_member (workspace_id, segment_id, customer_id, since)
    select ${db.workspaceId}, *
      from ${unnestRows('row', rows, { ...keyColumns, since: placementColumns.since })}
    on conflict (workspace_id, segment_id, customer_id) do update set since = excluded.since`);
}

/** Looked up by the index, row by row: see `rowOfCustomer`. */
function deleteMembers(db: Transaction, rows: readonly Difference[]) {
  if (rows.length === 0) return;
  db.send(sql`
    delete from segment_member using ${unnestRows('gone', rows, keyColumns)}
    cross join lateral (
      select m.ctid from segment_member m where m.workspace_id = ${db.workspaceId}
        and m.segment_id = gone.set_id and m.customer_id = gone.customer_id offset 0) as found
    where workspace_id = ${db.workspaceId} and segment_member.ctid = found.ctid`);
}
