import type { Sql } from '../platform/database.ts';
import type { NewChange } from './kinds.ts';

/** The channel on which readers of the log are woken; the payload is the workspace's id. */
export const changesChannel = 'stageline_changes';

/**
 * Records facts in the order given. Call it last: it locks the workspace's counter until commit, which
 * is what makes positions dense and visible in order.
 */
export async function appendChanges(
  sql: Sql,
  workspaceId: string,
  changes: readonly NewChange[],
  recordedAt: Date,
): Promise<void> {
  if (changes.length === 0) return;
  const { rowCount } = await sql.query(insertChanges, [
    workspaceId,
    changes.length,
    recordedAt,
    JSON.stringify(
      changes.map(({ kind, customerId, at, data }) => ({ kind, customerId, at, data })),
    ),
    changesChannel,
  ]);
  if (rowCount !== 1) throw new Error('The workspace has no change counter');
}

const insertChanges = `
  with counter as (
    update change_counter set position = position + $2
    where workspace_id = $1 returning position - $2 as before
  ), inserted as (
    insert into change (workspace_id, position, kind, customer_id, at, recorded_at, data)
    select $1, counter.before + ordinality, kind, "customerId", at, $3, data
    from counter,
      rows from (jsonb_to_recordset($4)
        as (kind text, "customerId" uuid, at timestamptz, data jsonb)) with ordinality
  )
  select pg_notify($5, $1::text) from counter`;
