import type { NewChange } from '../../engine/changes/kinds.ts';
import { familyOf } from '../../engine/customers/family.ts';
import { latestLeavings } from '../../engine/evaluation/latest-leavings.ts';
import type {
  CustomerMerge,
  CustomerSeparation,
  ReleaseResult,
} from '../../engine/evaluation/rule-set-kind.ts';
import type { Transaction } from '../../platform/database.ts';
import { rawSql, type Sql, sql } from '../../platform/sql.ts';
import { movesOfMember } from './filter/stage-moves-of-family.ts';

/*
 * The stages of a merged customer are part of the survivor's past: it left the last one when it was merged. A survivor
 * without a stage in a lifecycle takes that of the merged customer. Undoing the merge divides both again. Decision 0048.
 */

interface EnteredStage {
  lifecycle: string;
  version: number;
  to: string;
  rule: unknown;
}

/** Ends the stages of a merged customer and adds them to the past of the survivor. */
export async function releaseStages(
  db: Transaction,
  { from, into, at, eventId, late }: CustomerMerge,
): Promise<ReleaseResult> {
  const { rows } = await db.query<{ id: string; stage: string; entered: EnteredStage | null }>(sql`
    with released as (
      delete from customer_stage where workspace_id = ${db.workspaceId} and customer_id = ${from}
      returning lifecycle_id, stage_key, left_at
    ), merged as (
      insert into customer_stage as own (workspace_id, customer_id, lifecycle_id, stage_key, since, left_at)
      select ${db.workspaceId}, ${into}, lifecycle_id, stage_key, ${at}, left_at from released
      on conflict (workspace_id, customer_id, lifecycle_id) do update
        set left_at = ${latestLeavings(sql`own.left_at`, sql`excluded.left_at || jsonb_build_object(excluded.stage_key, excluded.since)`)}
      returning lifecycle_id, (xmax = 0) as is_new
    )
    select released.lifecycle_id as id, released.stage_key as stage,
      case when merged.is_new then ${describeStage(db.workspaceId, sql`released`)} end as entered
    from released join merged on merged.lifecycle_id = released.lifecycle_id`);
  const evidence = { cause: 'MERGE', event: eventId, late } as const;
  return {
    released: { places: Object.fromEntries(rows.map(({ id, stage }) => [id, stage])) },
    changes: rows.flatMap(({ entered }) =>
      entered ? [stageEntered(into, at, { ...entered, ...evidence })] : [],
    ),
  };
}

/** Gives a separated customer the stages it had when it was merged, and both customers their own past. */
export async function restoreStages(
  db: Transaction,
  { from, survivor, mergeId, at }: CustomerSeparation,
): Promise<NewChange[]> {
  const { rows } = await db.query<{ entered: EnteredStage }>(sql`
    with restored as (
      insert into customer_stage (workspace_id, customer_id, lifecycle_id, stage_key, since)
      select s.workspace_id, ${from}, s.lifecycle_id, s.key, ${at}
      from customer_merge g
      join change c on c.workspace_id = g.workspace_id and c.customer_id = g.into_customer_id
        and c.kind = 'CUSTOMER_MERGED' and c.data ->> 'merge' = g.id::text
      cross join lateral jsonb_each_text(c.data -> 'places') as place (lifecycle_id, stage_key)
      join stage s on s.workspace_id = g.workspace_id and s.lifecycle_id = place.lifecycle_id::uuid
        and s.key = place.stage_key
      where g.workspace_id = ${db.workspaceId} and g.id = ${mergeId}
      returning lifecycle_id, stage_key
    )
    select ${describeStage(db.workspaceId, sql`restored`)} as entered from restored order by lifecycle_id`);
  await recomputeLeavings(db, [from, survivor]);
  const evidence = { cause: 'UNMERGE', event: null, late: false } as const;
  return rows.map(({ entered }) => stageEntered(from, at, { ...entered, ...evidence }));
}

/** Recomputes from the log when customers and those merged into them last left each stage. */
const recomputeLeavings = (db: Transaction, customerIds: readonly string[]) =>
  db.query(sql`
    update customer_stage p set left_at = coalesce((
      select jsonb_object_agg(stage, left_at) from (
        select m.from_stage as stage, max(m.at) as left_at
        from ${familyOf(db.workspaceId, rawSql('p.customer_id'))} as member
        cross join lateral (${movesOfMember(db.workspaceId, rawSql('member.id'))}) as m
        where m.lifecycle_id = p.lifecycle_id and m.from_stage is not null
        group by m.from_stage) as leaving), '{}')
    where p.workspace_id = ${db.workspaceId} and p.customer_id = any(${customerIds}::uuid[])`);

/** An `EnteredStage` as JSON. */
const describeStage = (workspaceId: string, placement: Sql) => sql`(
  select json_build_object('lifecycle', l.id, 'version', l.version, 'to', s.key, 'rule', s.entry)
  from lifecycle l join stage s on s.workspace_id = l.workspace_id and s.lifecycle_id = l.id
  where l.workspace_id = ${workspaceId}::uuid and l.id = ${placement}.lifecycle_id and s.key = ${placement}.stage_key)`;

const stageEntered = (
  customerId: string,
  at: Date,
  data: EnteredStage &
    Pick<Extract<NewChange, { kind: 'STAGE_CHANGED' }>['data'], 'cause' | 'event' | 'late'>,
): NewChange => ({ kind: 'STAGE_CHANGED', customerId, at, data: { ...data, from: null } });
