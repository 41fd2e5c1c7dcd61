import { Prisma } from '../../../prisma/generated/client.ts';
import type { Sql } from '../../platform/database.ts';
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
  request: {
    after: bigint;
    limit: number;
    kinds?: readonly ChangeKind[] | undefined;
    /** A condition on the change `entry`. */
    where?: Prisma.Sql | undefined;
  },
): Promise<Change[]> {
  const { after, limit, kinds = null, where = Prisma.sql`true` } = request;
  const { text, values } = Prisma.sql`
    select entry.position, entry.kind, entry.customer_id as "customerId", entry.at,
      entry.recorded_at as "recordedAt", entry.data
    from change entry
    where entry.workspace_id = ${workspaceId}::uuid and entry.position > ${String(after)}::bigint
      and (${kinds}::text[] is null or entry.kind = any(${kinds}::text[]))
      and ${where}
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

/** Those of the changes, by their positions, that meet a condition on the change `entry`. */
export async function selectPositions(
  sql: Sql,
  workspaceId: string,
  { where, positions }: { where: Prisma.Sql; positions: readonly bigint[] },
): Promise<Set<bigint>> {
  const { text, values } = Prisma.sql`
    select entry.position from change entry
    where entry.workspace_id = ${workspaceId}::uuid
      and entry.position = any(${positions.map(String)}::bigint[]) and ${where}`;
  const { rows } = await sql.query<{ position: string }>(text, values);
  return new Set(rows.map(({ position }) => BigInt(position)));
}
