import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import { type Duration, requireDuration } from '../../platform/time/duration.ts';

/** Who owns a stage, and how soon they have to accept a customer that comes into it. */
export interface StageOwner {
  stageName: string;
  /** The owner itself or, of a member, the first by name of the teams it belongs to. */
  team: { id: string; name: string } | null;
  /** Set when the owner is a member. */
  memberId: string | null;
  /** Null for no limit. */
  acceptWithin: Duration | null;
}

/** The stages in force that have an owner, by lifecycle and key; most workspaces have none. */
export type StageOwners = ReadonlyMap<string, StageOwner>;

export const stageOwnerKey = (lifecycleId: string, stageKey: string) =>
  `${lifecycleId}/${stageKey}`;

interface OwnedStage extends Omit<StageOwner, 'acceptWithin'> {
  lifecycleId: string;
  stageKey: string;
  acceptWithin: string | null;
}

/** Valid while `workspace.rules_version` is unchanged: every change of a team changes it too. */
export async function loadStageOwners(db: Transaction): Promise<StageOwners> {
  const { rows } = await db.query<OwnedStage>(sql`
    select s.lifecycle_id as "lifecycleId", s.key as "stageKey", s.name as "stageName",
      s.owner_member_id as "memberId", s.accept_within as "acceptWithin",
      case when t.id is not null then json_build_object('id', t.id, 'name', t.name) end as team
    from stage s
    left join lateral (
      select t.id, t.name from team t
      where t.workspace_id = ${db.workspaceId} and (t.id = s.owner_team_id or t.id in (
        select m.team_id from team_member m
        where m.workspace_id = ${db.workspaceId} and m.member_id = s.owner_member_id))
      order by lower(t.name), t.id limit 1
    ) as t on true
    where s.workspace_id = ${db.workspaceId}
      and (s.owner_member_id is not null or s.owner_team_id is not null)`);
  return new Map(
    rows.map(({ lifecycleId, stageKey, acceptWithin, ...owner }) => [
      stageOwnerKey(lifecycleId, stageKey),
      { ...owner, acceptWithin: acceptWithin === null ? null : requireDuration(acceptWithin) },
    ]),
  );
}
