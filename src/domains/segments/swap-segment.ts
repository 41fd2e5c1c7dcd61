import { Prisma } from '../../../prisma/generated/client.ts';
import { appendSelected } from '../../engine/changes/append-selected.ts';
import { eachRange, type Range } from '../../engine/customers/customer-ranges.ts';
import { touchMoved } from '../../engine/evaluation/touch-moved.ts';
import type { Sql } from '../../platform/database.ts';

const ownId = Prisma.raw('customer_id');

interface SegmentSwap {
  buildId: string;
  version: number;
  now: Date;
  isDependedOn: boolean;
  segmentId: string;
}

/** Makes those members of a segment that its new filter found; who was one before keeps since when. */
export async function swapSegment(sql: Sql, workspaceId: string, swap: SegmentSwap): Promise<void> {
  await eachRange(sql, workspaceId, async (range) => {
    const moved = selectMoved(workspaceId, swap, range);
    await appendSelected(sql, workspaceId, toChanges(moved, swap), swap.now);
    await touchMoved(sql, workspaceId, moved, swap);
    await replaceMembers(sql, workspaceId, swap, range);
  });
  await sql.query(
    `update segment s set filter = b.definition -> 'filter', version = b.version, updated_at = $4
     from build b
     where s.workspace_id = $1 and s.id = $2 and b.workspace_id = $1 and b.id = $3`,
    [workspaceId, swap.segmentId, swap.buildId, swap.now],
  );
}

/**
 * Who is a member by one of the two filters alone; `entered` tells by which. The inner query is kept apart
 * (`offset 0`): joined in one, each customer would be looked for among all of the workspace.
 */
const selectMoved = (
  workspaceId: string,
  { buildId, segmentId, now }: SegmentSwap,
  range: Range,
) => Prisma.sql`
  select c.id as customer_id, greatest(${now}::timestamptz, c.evaluated_at) as at, pair.entered
  from (
    select coalesce(m.customer_id, p.customer_id) as id, p.customer_id is not null as entered
    from (select customer_id from segment_member
      where workspace_id = ${workspaceId}::uuid and segment_id = ${segmentId}::uuid
        and ${range(ownId)}) m
    full join (select customer_id from build_place
      where workspace_id = ${workspaceId}::uuid and build_id = ${buildId}::uuid
        and ${range(ownId)}) p
      on p.customer_id = m.customer_id
    where m.customer_id is null or p.customer_id is null
    offset 0
  ) as pair
  join customer c on c.workspace_id = ${workspaceId}::uuid and c.id = pair.id
  order by at, c.id`;

const toChanges = (moved: Prisma.Sql, { segmentId, version }: SegmentSwap) => Prisma.sql`
  select customer_id, at, case when entered then 'SEGMENT_ENTERED' else 'SEGMENT_LEFT' end as kind,
    jsonb_build_object('segment', ${segmentId}::text, 'version', ${version}::integer,
      'cause', 'DEFINITION', 'event', null, 'late', false) as data
  from (${moved}) as moved`;

async function replaceMembers(
  sql: Sql,
  workspaceId: string,
  { buildId, segmentId, now }: SegmentSwap,
  range: Range,
) {
  const left = Prisma.sql`
    delete from segment_member m
    where m.workspace_id = ${workspaceId}::uuid and m.segment_id = ${segmentId}::uuid
      and ${range(Prisma.raw('m.customer_id'))}
      and not exists (select from build_place p where p.workspace_id = ${workspaceId}::uuid
        and p.build_id = ${buildId}::uuid and p.customer_id = m.customer_id)`;
  await sql.query(left.text, left.values);
  const entered = Prisma.sql`
    insert into segment_member (workspace_id, segment_id, customer_id, since)
    select ${workspaceId}::uuid, ${segmentId}::uuid, p.customer_id,
      greatest(${now}::timestamptz, c.evaluated_at)
    from build_place p
    join customer c on c.workspace_id = ${workspaceId}::uuid and c.id = p.customer_id
    where p.workspace_id = ${workspaceId}::uuid and p.build_id = ${buildId}::uuid
      and ${range(Prisma.raw('p.customer_id'))}
    on conflict (workspace_id, segment_id, customer_id) do nothing`;
  await sql.query(entered.text, entered.values);
}
