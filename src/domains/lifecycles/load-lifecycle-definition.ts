import type { Sql } from '../../platform/database.ts';
import { NotFound } from '../../platform/errors.ts';
import type { StageDraft } from './stage-draft.ts';
import { selectStageDrafts } from './store-stages.ts';

/** A lifecycle as it is defined. */
export interface LifecycleDefinition {
  id: string;
  key: string;
  isDefault: boolean;
  /** None while its first build is on its way. */
  stages: StageDraft[];
  /** The definition on its way, if there is one. */
  pending: { buildId: string; stages: StageDraft[] } | null;
  /** Of the newest definition there was, in force or not. */
  latestVersion: number;
}

/** @throws NotFound */
export async function loadLifecycleDefinition(
  sql: Sql,
  workspaceId: string,
  lifecycleId: string,
): Promise<LifecycleDefinition> {
  const { rows } = await sql.query<LifecycleDefinition>(selectDefinition, [
    workspaceId,
    lifecycleId,
  ]);
  const [found] = rows;
  if (!found) throw new NotFound('lifecycle');
  return found;
}

const selectDefinition = `
  select l.id, l.key, l.is_default as "isDefault", coalesce(${selectStageDrafts}, '[]') as stages,
    (select json_build_object('buildId', b.id, 'stages', b.definition -> 'stages') from build b
      where b.workspace_id = $1 and b.lifecycle_id = l.id and b.state = 'RUNNING') as pending,
    greatest(l.version, (select max(b.version) from build b
      where b.workspace_id = $1 and b.lifecycle_id = l.id)) as "latestVersion"
  from lifecycle l where l.workspace_id = $1 and l.id = $2`;
