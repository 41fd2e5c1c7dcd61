import { v7 as uuidv7 } from 'uuid';
import type { Sql } from '../../platform/database.ts';
import { storeStages } from './store-stages.ts';
import { draftStages, type LifecycleTemplate } from './templates/lifecycle-template.ts';
import { reachToLoyalty } from './templates/reach-to-loyalty.ts';

/** Stores a template as a lifecycle that is active at once: the workspace has no customers yet, so nothing is built. */
export async function createLifecycleFromTemplate(
  sql: Sql,
  workspaceId: string,
  template: LifecycleTemplate,
  { isDefault }: { isDefault: boolean },
): Promise<string> {
  const { key, name, description } = template;
  const id = uuidv7();
  await sql.query(
    `insert into lifecycle (workspace_id, id, key, name, description, is_default)
     values ($1, $2, $3, $4, $5, $6)`,
    [workspaceId, id, key, name, description, isDefault],
  );
  await storeStages(sql, workspaceId, id, draftStages(template));
  return id;
}

/** Creates the lifecycle that every new workspace starts with. */
export const createDefaultLifecycle = (sql: Sql, workspaceId: string) =>
  createLifecycleFromTemplate(sql, workspaceId, reachToLoyalty, { isDefault: true });
