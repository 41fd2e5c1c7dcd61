import type { Transaction } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Change, ChangeKind } from './kinds.ts';

/** The end of a workspace's log. */
export interface Head {
  epoch: string;
  position: bigint;
}

export async function readHead(db: Transaction): Promise<Head> {
  const { rows } = await db.query<{ epoch: string; position: string }>(sql`
    select epoch, position from change_counter where workspace_id = ${db.workspaceId}`);
  const [row] = rows;
  if (!row) throw new Error('The workspace has no change counter');
  return { epoch: row.epoch, position: BigInt(row.position) };
}

/** Reads the changes after a position, in order. */
export async function readChanges(
  db: Transaction,
  request: {
    after: bigint;
    limit: number;
    kinds?: readonly ChangeKind[] | undefined;
    /** A condition on the change `entry`. */
    where?: Sql | undefined;
  },
): Promise<Change[]> {
  const { after, limit, kinds = null, where = sql`true` } = request;
  const { rows } = await db.query<Omit<Change, 'position'> & { position: string }>(sql`
    select entry.position, entry.kind, entry.customer_id as "customerId", entry.at,
      entry.recorded_at as "recordedAt", entry.data
    from change entry
    where entry.workspace_id = ${db.workspaceId}::uuid and entry.position > ${String(after)}::bigint
      and (${kinds}::text[] is null or entry.kind = any(${kinds}::text[]))
      and ${where}
    order by entry.position limit ${limit}`);
  return rows.map((row) => ({ ...row, position: BigInt(row.position) }) as Change);
}

/** Loads the times at which the changes at these positions were recorded. */
export async function loadRecordedAt(
  db: Transaction,
  positions: readonly bigint[],
): Promise<Map<bigint, Date>> {
  if (positions.length === 0) return new Map();
  const { rows } = await db.query<{ position: string; at: Date }>(sql`
    select position::text, recorded_at as at from change
    where workspace_id = ${db.workspaceId}::uuid
      and position = any(${positions.map(String)}::bigint[])`);
  return new Map(rows.map(({ position, at }) => [BigInt(position), at]));
}
