import { Prisma } from '../../../prisma/generated/client.ts';
import type { Sql } from '../../platform/database.ts';

/**
 * Whether the customer of the change `entry` was in a segment once that change was recorded: what the log
 * told last of the two, up to there, was that it entered. Whoever is merged into another one leaves by that.
 */
export const wasMember = (workspaceId: string, segmentId: string): Prisma.Sql => Prisma.sql`
  coalesce((
    select last.kind = 'SEGMENT_ENTERED' and not exists (
      select from customer_merge m
      where m.workspace_id = ${workspaceId}::uuid and m.from_customer_id = entry.customer_id
        and m.at >= last.at and m.at <= entry.at)
    from change last
    where last.workspace_id = ${workspaceId}::uuid and last.customer_id = entry.customer_id
      and last.position <= entry.position and last.kind in ('SEGMENT_ENTERED', 'SEGMENT_LEFT')
      and last.data ->> 'segment' = ${segmentId}::text
    order by last.position desc limit 1), false)`;

/** Those of the changes, by their positions, whose customers were in a segment at the time. */
export async function positionsInSegment(
  sql: Sql,
  workspaceId: string,
  { segmentId, positions }: { segmentId: string; positions: readonly bigint[] },
): Promise<Set<bigint>> {
  if (positions.length === 0) return new Set();
  const { text, values } = Prisma.sql`
    select entry.position from change entry
    where entry.workspace_id = ${workspaceId}::uuid
      and entry.position = any(${positions.map(String)}::bigint[])
      and ${wasMember(workspaceId, segmentId)}`;
  const { rows } = await sql.query<{ position: string }>(text, values);
  return new Set(rows.map(({ position }) => BigInt(position)));
}
