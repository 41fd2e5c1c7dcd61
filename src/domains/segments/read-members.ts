import type { Tx } from '../../platform/database.ts';

export interface Membership {
  segmentId: string;
  customerId: string;
  since: Date;
}

/** Counts the members of these segments; an empty segment has no entry. */
export async function countMembers(
  tx: Tx,
  workspaceId: string,
  segmentIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await tx.$queryRaw<Array<{ id: string; members: number }>>`
    select segment_id as id, count(*)::int as members from segment_member
    where workspace_id = ${workspaceId}::uuid and segment_id = any(${segmentIds}::uuid[])
    group by segment_id`;
  return new Map(rows.map(({ id, members }) => [id, members]));
}

/** Reads a page of members of each segment, in the order of their ids. */
export async function readMembers(
  tx: Tx,
  workspaceId: string,
  {
    segmentIds,
    after,
    limit,
  }: { segmentIds: readonly string[]; after: string | null; limit: number },
): Promise<Map<string, Membership[]>> {
  const rows = await tx.$queryRaw<Membership[]>`
    select s.id as "segmentId", page.customer_id as "customerId", page.since
    from unnest(${segmentIds}::uuid[]) as s (id)
    cross join lateral (
      select m.customer_id, m.since from segment_member m
      where m.workspace_id = ${workspaceId}::uuid and m.segment_id = s.id
        and (${after}::uuid is null or m.customer_id > ${after}::uuid)
      order by m.customer_id limit ${limit}
    ) as page
    order by s.id, page.customer_id`;
  return Map.groupBy(rows, ({ segmentId }) => segmentId);
}

/** Reads the memberships of these customers, ordered by the key of the segment. */
export async function readMemberships(
  tx: Tx,
  workspaceId: string,
  customerIds: readonly string[],
): Promise<Map<string, Membership[]>> {
  const rows = await tx.$queryRaw<Membership[]>`
    select m.segment_id as "segmentId", m.customer_id as "customerId", m.since
    from segment_member m
    join segment s on s.workspace_id = ${workspaceId}::uuid and s.id = m.segment_id
    where m.workspace_id = ${workspaceId}::uuid and m.customer_id = any(${customerIds}::uuid[])
    order by s.key`;
  return Map.groupBy(rows, ({ customerId }) => customerId);
}

/** Counts the customers that are members of both segments. */
export async function countInBoth(
  tx: Tx,
  workspaceId: string,
  { segmentId, otherId }: { segmentId: string; otherId: string },
): Promise<number> {
  const [row] = await tx.$queryRaw<Array<{ both: number }>>`
    select count(*)::int as both from segment_member a
    join segment_member b on b.workspace_id = ${workspaceId}::uuid
      and b.segment_id = ${otherId}::uuid and b.customer_id = a.customer_id
    where a.workspace_id = ${workspaceId}::uuid and a.segment_id = ${segmentId}::uuid`;
  return row?.both ?? 0;
}
