import type { Transaction } from '../../platform/database.ts';
import { NotFound } from '../../platform/errors.ts';
import { sql } from '../../platform/sql.ts';
import type { StageDraft } from './definition/stage-draft.ts';
import { selectStageDrafts } from './store-stages.ts';

/** A lifecycle with its active and its pending stages. */
export interface LifecycleDefinition {
  id: string;
  key: string;
  isDefault: boolean;
  /** Empty while the first build is running. */
  stages: StageDraft[];
  /** The definition that a build is preparing; null without a running build. */
  pending: { buildId: string; stages: StageDraft[] } | null;
  /** Version of the latest definition, active or not. */
  latestVersion: number;
}

/** @throws NotFound */
export async function loadLifecycleDefinition(
  db: Transaction,
  lifecycleId: string,
): Promise<LifecycleDefinition> {
  const { rows } = await db.query<LifecycleDefinition>(sql`
    select l.id, l.key, l.is_default as "isDefault", coalesce(${selectStageDrafts}, '[]') as stages,
      (select json_build_object('buildId', b.id, 'stages', b.definition -> 'stages') 
        from build b join job j on j.workspace_id = b.workspace_id and j.id = b.id
        where b.workspace_id = ${db.workspaceId} and b.subject_id = l.id
          and j.state = 'RUNNING') as pending,
      greatest(l.version, (select max(b.version) from build b
        where b.workspace_id = ${db.workspaceId} and b.subject_id = l.id)) as "latestVersion"
    from lifecycle l where l.workspace_id = ${db.workspaceId} and l.id = ${lifecycleId}`);
  const [lifecycle] = rows;
  if (!lifecycle) throw new NotFound('lifecycle');
  return lifecycle;
}
