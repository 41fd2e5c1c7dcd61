import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import { storeStages } from './store-stages.ts';
import { draftStages, type LifecycleTemplate } from './templates/lifecycle-template.ts';
import { reachToLoyalty } from './templates/reach-to-loyalty.ts';

/** Stores a template as a lifecycle that is active at once: the workspace has no customers yet, so nothing is built. */
export async function createLifecycleFromTemplate(
  db: Transaction,
  template: LifecycleTemplate,
  { isDefault }: { isDefault: boolean },
): Promise<string> {
  const { key, name, description } = template;
  const id = uuidv7();
  await db.query(
    sql`insert into lifecycle (workspace_id, id, key, name, description, is_default)
     values (${db.workspaceId}, ${id}, ${key}, ${name}, ${description}, ${isDefault})`,
  );
  await storeStages(db, id, draftStages(template));
  return id;
}

/** Creates the lifecycle that every new workspace starts with. */
export const createDefaultLifecycle = (db: Transaction) =>
  createLifecycleFromTemplate(db, reachToLoyalty, { isDefault: true });
