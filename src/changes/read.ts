import type { Sql } from '../platform/database.ts';
import type { Change, ChangeKind } from './kinds.ts';

/** Where a workspace's log stands. */
export interface Head {
  epoch: string;
  position: bigint;
}

export async function readHead(sql: Sql, workspaceId: string): Promise<Head> {
  const { rows } = await sql.query<{ epoch: string; position: string }>(
    'select epoch, position from change_counter where workspace_id = $1',
    [workspaceId],
  );
  const [row] = rows;
  if (!row) throw new Error('The workspace has no change counter');
  return { epoch: row.epoch, position: BigInt(row.position) };
}

/** Reads the log in order, from the change after `after` on. */
export async function readChanges(
  sql: Sql,
  workspaceId: string,
  request: { after: bigint; limit: number; kinds?: readonly ChangeKind[] | undefined },
): Promise<Change[]> {
  const { rows } = await sql.query<Omit<Change, 'position'> & { position: string }>(
    `select position, kind, customer_id as "customerId", at, recorded_at as "recordedAt", data
     from change
     where workspace_id = $1 and position > $2 and ($3::text[] is null or kind = any($3))
     order by position limit $4`,
    [workspaceId, String(request.after), request.kinds ?? null, request.limit],
  );
  return rows.map((row) => ({ ...row, position: BigInt(row.position) }) as Change);
}

/** When the change at a position was recorded; undefined past the end. */
export async function recordedAt(sql: Sql, workspaceId: string, position: bigint) {
  const { rows } = await sql.query<{ at: Date }>(
    'select recorded_at as at from change where workspace_id = $1 and position = $2',
    [workspaceId, String(position)],
  );
  return rows[0]?.at;
}
