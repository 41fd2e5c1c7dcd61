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
  const { rows } = await sql.query<{ position: string }>(
    `update change_counter set position = position + $2
     where workspace_id = $1 returning position`,
    [workspaceId, changes.length],
  );
  const [counter] = rows;
  if (!counter) throw new Error('The workspace has no change counter');
  const first = BigInt(counter.position) - BigInt(changes.length) + 1n;
  await sql.query(insertChanges, [
    workspaceId,
    String(first),
    recordedAt,
    JSON.stringify(
      changes.map(({ kind, customerId, at, data }) => ({ kind, customerId, at, data })),
    ),
  ]);
  await sql.query('select pg_notify($1, $2)', [changesChannel, workspaceId]);
}

const insertChanges = `
  insert into change (workspace_id, position, kind, customer_id, at, recorded_at, data)
  select $1, $2::bigint + ordinality - 1, kind, "customerId", at, $3, data
  from rows from (json_to_recordset($4) as (kind text, "customerId" uuid, at timestamptz, data jsonb))
    with ordinality`;
