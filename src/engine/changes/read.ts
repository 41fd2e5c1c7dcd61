import { Prisma } from '../../../prisma/generated/client.ts';
import type { Sql } from '../../platform/database.ts';
import type { Change, ChangeKind } from './kinds.ts';
import { wasMember } from './segment-at.ts';

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
  request: {
    after: bigint;
    limit: number;
    kinds?: readonly ChangeKind[] | undefined;
    /** Only of customers that were in this segment at the time. */
    segmentId?: string | undefined;
  },
): Promise<Change[]> {
  const { after, limit, kinds = null, segmentId } = request;
  const { text, values } = Prisma.sql`
    select entry.position, entry.kind, entry.customer_id as "customerId", entry.at,
      entry.recorded_at as "recordedAt", entry.data
    from change entry
    where entry.workspace_id = ${workspaceId}::uuid and entry.position > ${String(after)}::bigint
      and (${kinds}::text[] is null or entry.kind = any(${kinds}::text[]))
      and ${segmentId === undefined ? Prisma.sql`true` : wasMember(workspaceId, segmentId)}
    order by entry.position limit ${limit}`;
  const { rows } = await sql.query<Omit<Change, 'position'> & { position: string }>(text, values);
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
