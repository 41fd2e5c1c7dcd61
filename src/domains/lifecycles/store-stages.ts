import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import type { StageDraft } from './definition/stage-draft.ts';

/**
 * Replaces the stages of a lifecycle, in this order. A stage whose owner was deleted while the build ran
 * has no owner.
 */
export async function storeStages(
  db: Transaction,
  lifecycleId: string,
  stages: readonly StageDraft[],
) {
  await db.query(sql`
    delete from stage where workspace_id = ${db.workspaceId} and lifecycle_id = ${lifecycleId}`);
  await db.query(sql`
    insert into stage (workspace_id, lifecycle_id, key, name, synonyms, description, phase, ordinal,
      entry,
      stay, expected_duration, accept_within, goals, owner_member_id, owner_team_id)
    select ${db.workspaceId}, ${lifecycleId}, key, name,
      array(select jsonb_array_elements_text(synonyms)), description, phase,
      ordinality, entry, nullif(stay, 'null'), "expectedDuration", "acceptWithin", goals,
      (select m.id from member m where m.workspace_id = ${db.workspaceId} and m.id = "ownerMemberId"),
      (select t.id from team t where t.workspace_id = ${db.workspaceId} and t.id = "ownerTeamId")
    from rows
      from (jsonb_to_recordset(${JSON.stringify(stages)}) as (key text, name text, synonyms jsonb,
        description text,
      phase text, entry jsonb, stay jsonb, "expectedDuration" text, "acceptWithin" text, goals jsonb,
      "ownerMemberId" uuid, "ownerTeamId" uuid)) with ordinality`);
}

/** The stages of the lifecycle `l` as a JSON array of `StageDraft`; null if it has none yet. */
export const selectStageDrafts = sql`(
  select json_agg(json_build_object('key', s.key, 'name', s.name, 'synonyms', s.synonyms,
    'description', s.description, 'phase', s.phase, 'entry', s.entry, 'stay', s.stay,
    'expectedDuration', s.expected_duration, 'acceptWithin', s.accept_within, 'goals', s.goals,
    'ownerMemberId', s.owner_member_id, 'ownerTeamId', s.owner_team_id) order by s.ordinal)
  from stage s where s.workspace_id = l.workspace_id and s.lifecycle_id = l.id)`;
