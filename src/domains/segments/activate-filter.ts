import { Prisma } from '../../../prisma/generated/client.ts';
import type { BuildSubjectKind, FinishedBuild } from '../../engine/builds/build-subject.ts';
import { appendSelected } from '../../engine/changes/append-selected.ts';
import { eachRange, type Range } from '../../engine/customers/customer-ranges.ts';
import { touchMoved } from '../../engine/evaluation/touch-moved.ts';
import type { Sql } from '../../platform/database.ts';
import { segmentKind } from './membership-rules.ts';

const ownId = Prisma.raw('customer_id');

export const segmentSubject: BuildSubjectKind = {
  kind: segmentKind,
  clause: 'segment',
  activate: activateFilter,
};

/** Activates the new filter of a segment. A customer that stays a member keeps since when it is one. */
async function activateFilter(sql: Sql, workspaceId: string, build: FinishedBuild): Promise<void> {
  await eachRange(sql, workspaceId, async (range) => {
    const moved = selectMoved(workspaceId, build, range);
    await appendSelected(sql, workspaceId, toChanges(moved, build), build.now);
    await touchMoved(sql, workspaceId, moved, build);
    await replaceMembers(sql, workspaceId, build, range);
  });
  await sql.query(
    `update segment s set filter = b.definition -> 'filter', version = b.version, updated_at = $4
     from build b
     where s.workspace_id = $1 and s.id = $2 and b.workspace_id = $1 and b.id = $3`,
    [workspaceId, build.subjectId, build.buildId, build.now],
  );
}

/**
 * The customers that match one of the two filters alone; `entered` tells which. `offset 0` keeps the planner
 * from merging the inner query, which would look for each customer among all of the workspace.
 */
const selectMoved = (
  workspaceId: string,
  { buildId, subjectId, now }: FinishedBuild,
  range: Range,
) => Prisma.sql`
  select c.id as customer_id, greatest(${now}::timestamptz, c.evaluated_at) as at, pair.entered
  from (
    select coalesce(m.customer_id, p.customer_id) as id, p.customer_id is not null as entered
    from (select customer_id from segment_member
      where workspace_id = ${workspaceId}::uuid and segment_id = ${subjectId}::uuid
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

const toChanges = (moved: Prisma.Sql, { subjectId, version }: FinishedBuild) => Prisma.sql`
  select customer_id, at, case when entered then 'SEGMENT_ENTERED' else 'SEGMENT_LEFT' end as kind,
    jsonb_build_object('segment', ${subjectId}::text, 'version', ${version}::integer,
      'cause', 'DEFINITION', 'event', null, 'late', false) as data
  from (${moved}) as moved`;

async function replaceMembers(
  sql: Sql,
  workspaceId: string,
  { buildId, subjectId, now }: FinishedBuild,
  range: Range,
) {
  const left = Prisma.sql`
    delete from segment_member m
    where m.workspace_id = ${workspaceId}::uuid and m.segment_id = ${subjectId}::uuid
      and ${range(Prisma.raw('m.customer_id'))}
      and not exists (select from build_place p where p.workspace_id = ${workspaceId}::uuid
        and p.build_id = ${buildId}::uuid and p.customer_id = m.customer_id)`;
  await sql.query(left.text, left.values);
  const entered = Prisma.sql`
    insert into segment_member (workspace_id, segment_id, customer_id, since)
    select ${workspaceId}::uuid, ${subjectId}::uuid, p.customer_id,
      greatest(${now}::timestamptz, c.evaluated_at)
    from build_place p
    join customer c on c.workspace_id = ${workspaceId}::uuid and c.id = p.customer_id
    where p.workspace_id = ${workspaceId}::uuid and p.build_id = ${buildId}::uuid
      and ${range(Prisma.raw('p.customer_id'))}
    on conflict (workspace_id, segment_id, customer_id) do nothing`;
  await sql.query(entered.text, entered.values);
}
