import { Prisma } from '../../../prisma/generated/client.ts';
import type { Tx } from '../../platform/database.ts';

/** Where a customer was at an instant gone by, as the log tells it. */
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
 * Where these customers were at an instant. Before a customer was first seen under its own id, those
 * that became part of it speak for it: the one of whom something was recorded last. Whoever was part of
 * another one then was where that one was.
 */
export async function loadPlacementsAt(
  tx: Tx,
  workspaceId: string,
  { customerIds, at }: { customerIds: readonly string[]; at: Date },
): Promise<Map<string, PastPlacements>> {
  const rows = await tx.$queryRaw<Row[]>`
    with recursive ${speakers(workspaceId, customerIds, at)}, ${roots(workspaceId, at)}
    select distinct on (r.owner_id, subject.id)
      r.owner_id as "ownerId", c.kind, subject.id as "subjectId", c.data ->> 'to' as "stageKey",
      c.at as since
    from roots r
    join change c on c.workspace_id = ${workspaceId}::uuid and c.customer_id = r.id
      and c.at <= ${at} and c.at >= r.alone_since
      and c.kind in ('STAGE_CHANGED', 'SEGMENT_ENTERED', 'SEGMENT_LEFT')
    cross join lateral (select coalesce(c.data ->> 'lifecycle', c.data ->> 'segment') as id) as subject
    order by r.owner_id, subject.id, c.at desc, c.position desc`;
  const byOwner = Map.groupBy(rows, ({ ownerId }) => ownerId);
  return new Map([...byOwner].map(([ownerId, ownRows]) => [ownerId, toPlacements(ownRows)]));
}

/** Of each family the customer that speaks for it: the owner itself, or whoever was heard of last. */
const speakers = (workspaceId: string, customerIds: readonly string[], at: Date) => Prisma.sql`
  speakers as (
    select distinct on (owner.id) owner.id as owner_id, member.id
    from unnest(${customerIds}::uuid[]) as owner (id)
    join customer member on member.workspace_id = ${workspaceId}::uuid
      and (member.id = owner.id or member.merged_into = owner.id)
    cross join lateral (
      select last.at, last.position from change last
      where last.workspace_id = ${workspaceId}::uuid and last.customer_id = member.id
        and last.at <= ${at}
      order by last.at desc, last.position desc limit 1
    ) as heard
    order by owner.id, (member.id = owner.id) desc, heard.at desc, heard.position desc
  )`;

/** Whom the speakers were part of then, and since when that one stood alone, if it was part of another. */
const roots = (workspaceId: string, at: Date) => Prisma.sql`
  led as (
    select owner_id, id, 0 as depth from speakers
    union all
    select led.owner_id, m.into_customer_id, led.depth + 1
    from led join customer_merge m on m.workspace_id = ${workspaceId}::uuid
      and m.from_customer_id = led.id and m.at <= ${at} and (m.undone_at is null or m.undone_at > ${at})
    where led.depth < 100
  ), roots as (
    select distinct on (owner_id) owner_id, id, coalesce((
      select max(m.undone_at) from customer_merge m where m.workspace_id = ${workspaceId}::uuid
        and m.from_customer_id = led.id and m.undone_at <= ${at}), '-infinity') as alone_since
    from led order by owner_id, depth desc
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
