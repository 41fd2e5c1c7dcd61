import type { Tx } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';

/** A customer's stages and segments at a past instant, read from the log. */
export interface PastPlacements {
  stages: Array<{ lifecycleId: string; stageKey: string; since: Date }>;
  memberships: Array<{ segmentId: string; since: Date }>;
}

interface Row {
  ownerId: string;
  kind: 'STAGE_CHANGED' | 'SEGMENT_ENTERED';
  subjectId: string;
  stageKey: string | null;
  since: Date;
}

/**
 * Loads the stages and segments of these customers at a past instant. If a customer's own id was not known
 * yet, the customer merged into it with the latest change represents it. A customer that was merged into
 * another one at that instant has the placements of that other customer.
 */
export async function loadPlacementsAt(
  tx: Tx,
  workspaceId: string,
  { customerIds, at }: { customerIds: readonly string[]; at: Date },
): Promise<Map<string, PastPlacements>> {
  const rows = await tx.$queryRaw<Row[]>`
    with recursive ${representatives(workspaceId, customerIds, at)}, ${roots(workspaceId, at)}
    select distinct on (r.owner_id, subject.id)
      r.owner_id as "ownerId", c.kind, subject.id as "subjectId", c.data ->> 'to' as "stageKey",
      c.at as since
    from roots r
    join change c on c.workspace_id = ${workspaceId}::uuid and c.customer_id = r.id
      and c.at <= ${at} and c.at >= r.unmerged_at
      and c.kind in ('STAGE_CHANGED', 'SEGMENT_ENTERED', 'SEGMENT_LEFT')
    cross join lateral (select coalesce(c.data ->> 'lifecycle', c.data ->> 'segment') as id) as subject
    order by r.owner_id, subject.id, c.at desc, c.position desc`;
  const byOwner = Map.groupBy(rows, ({ ownerId }) => ownerId);
  return new Map([...byOwner].map(([ownerId, ownRows]) => [ownerId, toPlacements(ownRows)]));
}

/** The customer that represents each owner: the owner itself, or the merged customer with the latest change. */
const representatives = (workspaceId: string, customerIds: readonly string[], at: Date) => sql`
  representatives as (
    select distinct on (owner.id) owner.id as owner_id, member.id
    from unnest(${customerIds}::uuid[]) as owner (id)
    join customer member on member.workspace_id = ${workspaceId}::uuid
      and (member.id = owner.id or member.merged_into = owner.id)
    cross join lateral (
      select last.at, last.position from change last
      where last.workspace_id = ${workspaceId}::uuid and last.customer_id = member.id
        and last.at <= ${at}
      order by last.at desc, last.position desc limit 1
    ) as latest
    order by owner.id, (member.id = owner.id) desc, latest.at desc, latest.position desc
  )`;

/** The customers that the representatives were merged into then, and when the last merge of each was undone. */
const roots = (workspaceId: string, at: Date) => sql`
  ancestors as (
    select owner_id, id, 0 as depth from representatives
    union all
    select a.owner_id, m.into_customer_id, a.depth + 1
    from ancestors a join customer_merge m on m.workspace_id = ${workspaceId}::uuid
      and m.from_customer_id = a.id and m.at <= ${at} and (m.undone_at is null or m.undone_at > ${at})
    where a.depth < 100
  ), roots as (
    select distinct on (owner_id) owner_id, id, coalesce((
      select max(m.undone_at) from customer_merge m where m.workspace_id = ${workspaceId}::uuid
        and m.from_customer_id = a.id and m.undone_at <= ${at}), '-infinity') as unmerged_at
    from ancestors a order by owner_id, depth desc
  )`;

function toPlacements(rows: readonly Row[]): PastPlacements {
  return {
    stages: rows.flatMap(({ kind, subjectId, stageKey, since }) =>
      kind === 'STAGE_CHANGED' && stageKey !== null
        ? [{ lifecycleId: subjectId, stageKey, since }]
        : [],
    ),
    memberships: rows.flatMap(({ kind, subjectId, since }) =>
      kind === 'SEGMENT_ENTERED' ? [{ segmentId: subjectId, since }] : [],
    ),
  };
}
