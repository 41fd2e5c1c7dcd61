import type { Transaction } from '../platform/database.ts';
import { InUse, NotFound } from '../platform/errors.ts';
import { rawSql, sql } from '../platform/sql.ts';
import { bumpRulesVersion, lockRulesExclusive } from '../platform/workspace-lock.ts';

/** @throws NotFound; InUse while the member or team owns something or has open tasks */
export async function deleteStaff(db: Transaction, kind: 'member' | 'team', id: string) {
  const row = sql`from ${rawSql(kind)} where workspace_id = ${db.workspaceId} and id = ${id}`;
  lockRulesExclusive(db);
  const { rowCount } = await db.query(sql`select ${row} for update`);
  if (rowCount === 0) throw new NotFound(kind);
  const uses = await referencesTo(db, id);
  if (uses.length > 0) throw new InUse(`The ${kind}`, uses);
  await db.query(sql`delete ${row}`);
  bumpRulesVersion(db);
}

/** Describes the objects that a member or team owns and its open tasks. */
async function referencesTo(db: Transaction, ownerId: string): Promise<string[]> {
  const { rows } = await db.query<{ use: string }>(sql`
    select use from (
      select 1 as kind, 'lifecycle ' || l.key as use from lifecycle l
      where l.workspace_id = ${db.workspaceId} and ${ownerId} in (l.owner_member_id, l.owner_team_id)
      union all
      select 2, 'stage ' || s.key || ' of ' || l.key from stage s
      join lifecycle l on l.workspace_id = ${db.workspaceId} and l.id = s.lifecycle_id
      where s.workspace_id = ${db.workspaceId} and ${ownerId} in (s.owner_member_id, s.owner_team_id)
      union all
      select 3, 'segment ' || s.key from segment s
      where s.workspace_id = ${db.workspaceId} and ${ownerId} in (s.owner_member_id, s.owner_team_id)
      union all
      select 4, 'stage ' || (stage ->> 'key') || ' of the pending ' || l.key
      from build b
      join job j on j.workspace_id = ${db.workspaceId} and j.id = b.id and j.state = 'RUNNING'
      join lifecycle l on l.workspace_id = ${db.workspaceId} and l.id = b.subject_id,
        jsonb_array_elements(b.definition -> 'stages') as stage
      where b.workspace_id = ${db.workspaceId}
        and ${ownerId}::text in (stage ->> 'ownerMemberId', stage ->> 'ownerTeamId')
      union all
      select 5, case count(*) when 1 then 'an open task' else count(*) || ' open tasks' end
      from task t
      where t.workspace_id = ${db.workspaceId} and t.state in ('OPEN', 'ACCEPTED')
        and ${ownerId} in (t.team_id, t.assignee_id)
      having count(*) > 0
    ) as used order by kind, use`);
  return rows.map(({ use }) => use);
}
