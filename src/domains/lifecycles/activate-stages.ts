import type { BuildSubjectKind, FinishedBuild } from '../../engine/builds/build-subject.ts';
import { appendSelected } from '../../engine/changes/append-selected.ts';
import { type CustomerRange, forEachRange } from '../../engine/customers/customer-ranges.ts';
import { markEvaluated } from '../../engine/evaluation/mark-evaluated.ts';
import type { Transaction } from '../../platform/database.ts';
import { rawSql, type Sql, sql } from '../../platform/sql.ts';
import type { StageDraft } from './definition/stage-draft.ts';
import { reevaluateMovedByHand } from './reevaluate-moved-by-hand.ts';
import { lifecycleKind } from './stage-rules.ts';
import { storeStages } from './store-stages.ts';

const ownId = rawSql('customer_id');

export const lifecycleSubject: BuildSubjectKind = {
  kind: lifecycleKind,
  clause: 'stage',
  activate: activateStages,
};

/**
 * Activates the new stages of a lifecycle and moves customers to where these put them. A customer pinned to
 * a stage that still exists stays; one that stays in its stage keeps since when it is in it.
 */
async function activateStages(db: Transaction, build: FinishedBuild): Promise<void> {
  const stages = await loadStages(db, build.buildId);
  await reevaluateMovedByHand(db, build);
  await forEachRange(db, async (range) => {
    const moved = selectMoved(db.workspaceId, { ...build, stages }, range);
    await appendSelected(db, toChanges(moved, { ...build, stages }), build.now);
    await markEvaluated(db, moved, build);
    await replacePlacements(db, build, moved);
  });
  await storeStages(db, build.subjectId, stages);
  await db.query(sql`
    update lifecycle set version = ${build.version}
      where workspace_id = ${db.workspaceId} and id = ${build.subjectId}`);
}

async function loadStages(db: Transaction, buildId: string): Promise<StageDraft[]> {
  const { rows } = await db.query<{ stages: StageDraft[] }>(sql`
    select definition -> 'stages' as stages from build
      where workspace_id = ${db.workspaceId} and id = ${buildId}`);
  return rows[0]?.stages ?? [];
}

/**
 * The customers that move: `to_stage` is null where the stage it was in is removed and no other matches.
 * A customer without a placement in the build was moved by hand meanwhile. `offset 0` as in `activate-filter.ts`.
 */
const selectMoved = (
  workspaceId: string,
  { buildId, subjectId, now, stages }: FinishedBuild & { stages: StageDraft[] },
  range: CustomerRange,
) => sql`
  select c.id as customer_id, greatest(${now}::timestamptz, c.evaluated_at) as at,
    pair.from_stage, pair.to_stage, pair.left_before, pair.left_at, pair.since
  from (
    select coalesce(m.customer_id, p.customer_id) as id, m.stage_key as from_stage,
      p.stage_key as to_stage, m.left_at as left_before, p.left_at, p.since, m.pinned_until,
      coalesce(m.stage_key = any(${stages.map(({ key }) => key)}::text[]), false) as remains
    from (select customer_id, stage_key, left_at, pinned_until from customer_stage
      where workspace_id = ${workspaceId}::uuid and lifecycle_id = ${subjectId}::uuid
        and ${range(ownId)}) m
    full join (select customer_id, stage_key, left_at, since from build_place
      where workspace_id = ${workspaceId}::uuid and build_id = ${buildId}::uuid
        and ${range(ownId)}) p
      on p.customer_id = m.customer_id
    where m.stage_key is distinct from p.stage_key
    offset 0
  ) as pair
  join customer c on c.workspace_id = ${workspaceId}::uuid and c.id = pair.id
  where not (pair.remains and (pair.to_stage is null
    or coalesce(pair.pinned_until > greatest(${now}::timestamptz, c.evaluated_at), false)))
  order by at, c.id`;

// Where no stage matches, the rule logged is one that matches no customer: a rule is never absent in the log.
const toChanges = (
  moved: Sql,
  { subjectId, version, stages }: FinishedBuild & { stages: StageDraft[] },
) => sql`
  select moved.customer_id, moved.at, 'STAGE_CHANGED' as kind,
    jsonb_build_object('lifecycle', ${subjectId}::text, 'version', ${version}::integer,
      'from', from_stage, 'to', to_stage, 'rule', coalesce(stage.entry, '{"any": []}'),
      'cause', 'DEFINITION', 'event', null, 'late', false) as data
  from (${moved}) as moved
  left join jsonb_to_recordset(${JSON.stringify(stages)}::jsonb) as stage (key text, entry jsonb)
    on stage.key = moved.to_stage
  order by moved.at, moved.customer_id`;

async function replacePlacements(db: Transaction, { subjectId }: FinishedBuild, moved: Sql) {
  // In one statement both halves see the data before it, and so the same moves.
  await db.query(sql`
    with moved as materialized (${moved}), gone as (
      delete from customer_stage placement using moved
      where placement.workspace_id = ${db.workspaceId}::uuid and placement.lifecycle_id = ${subjectId}::uuid
        and placement.customer_id = moved.customer_id and moved.to_stage is null
    )
    insert into customer_stage (workspace_id, customer_id, lifecycle_id, stage_key, since, left_at)
    select ${db.workspaceId}::uuid, customer_id, ${subjectId}::uuid, to_stage, at,
      coalesce(left_before, '{}')
        || case when from_stage is null then '{}' else jsonb_build_object(from_stage, at) end
        || left_at
    from moved where to_stage is not null
    on conflict (workspace_id, customer_id, lifecycle_id) do update
      set stage_key = excluded.stage_key, since = excluded.since, left_at = excluded.left_at,
        pinned_until = null`);
}
