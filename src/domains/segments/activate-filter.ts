import type { BuildSubjectKind, FinishedBuild } from '../../engine/builds/build-subject.ts';
import { appendSelected } from '../../engine/changes/append-selected.ts';
import { type CustomerRange, forEachRange } from '../../engine/customers/customer-ranges.ts';
import { markEvaluated } from '../../engine/evaluation/mark-evaluated.ts';
import type { Transaction } from '../../platform/database.ts';
import { rawSql, type Sql, sql } from '../../platform/sql.ts';
import { segmentKind } from './membership-rules.ts';

const ownId = rawSql('customer_id');

export const segmentSubject: BuildSubjectKind = {
  kind: segmentKind,
  clause: 'segment',
  activate: activateFilter,
};

/** Activates the new filter of a segment. A customer that stays a member keeps since when it is one. */
async function activateFilter(db: Transaction, build: FinishedBuild): Promise<void> {
  await forEachRange(db, async (range) => {
    const moved = selectMoved(db.workspaceId, build, range);
    await appendSelected(db, toChanges(moved, build), build.now);
    await markEvaluated(db, moved, build);
    await replaceMembers(db, build, range);
  });
  await db.query(sql`
    update segment s
      set filter = b.definition -> 'filter', version = b.version, updated_at = ${build.now}
    from build b
    where s.workspace_id = ${db.workspaceId} and s.id = ${build.subjectId}
      and b.workspace_id = ${db.workspaceId} and b.id = ${build.buildId}`);
}

/**
 * The customers that match exactly one of the two filters; `entered` is true for the new one. `offset 0` keeps the planner
 * from merging the inner query, which would look for each customer among all of the workspace.
 */
const selectMoved = (
  workspaceId: string,
  { buildId, subjectId, now }: FinishedBuild,
  range: CustomerRange,
) => sql`
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

const toChanges = (moved: Sql, { subjectId, version }: FinishedBuild) => sql`
  select customer_id, at, case when entered then 'SEGMENT_ENTERED' else 'SEGMENT_LEFT' end as kind,
    jsonb_build_object('segment', ${subjectId}::text, 'version', ${version}::integer,
      'cause', 'DEFINITION', 'event', null, 'late', false) as data
  from (${moved}) as moved`;

async function replaceMembers(
  db: Transaction,
  { buildId, subjectId, now }: FinishedBuild,
  range: CustomerRange,
) {
  const left = sql`
    delete from segment_member m
    where m.workspace_id = ${db.workspaceId}::uuid and m.segment_id = ${subjectId}::uuid
      and ${range(rawSql('m.customer_id'))}
      and not exists (select from build_place p where p.workspace_id = ${db.workspaceId}::uuid
        and p.build_id = ${buildId}::uuid and p.customer_id = m.customer_id)`;
  await db.query(left);
  const entered = sql`
    insert into segment_member (workspace_id, segment_id, customer_id, since)
    select ${db.workspaceId}::uuid, ${subjectId}::uuid, p.customer_id,
      greatest(${now}::timestamptz, c.evaluated_at)
    from build_place p
    join customer c on c.workspace_id = ${db.workspaceId}::uuid and c.id = p.customer_id
    where p.workspace_id = ${db.workspaceId}::uuid and p.build_id = ${buildId}::uuid
      and ${range(rawSql('p.customer_id'))}
    on conflict (workspace_id, segment_id, customer_id) do nothing`;
  await db.query(entered);
}
