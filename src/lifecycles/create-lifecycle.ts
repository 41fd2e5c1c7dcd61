import { v7 as uuidv7 } from 'uuid';
import type { Sql } from '../platform/database.ts';
import { article000, type LifecycleTemplate } from './templates.ts';

/** Stores a template as a lifecycle of the workspace, its stages in the template's order. */
export async function createLifecycle(
  sql: Sql,
  workspaceId: string,
  { key, name, description, stages }: LifecycleTemplate,
  { isDefault }: { isDefault: boolean },
): Promise<string> {
  const id = uuidv7();
  await sql.query(
    `insert into lifecycle (workspace_id, id, key, name, description, is_default)
     values ($1, $2, $3, $4, $5, $6)`,
    [workspaceId, id, key, name, description, isDefault],
  );
  await sql.query(
    `insert into stage (workspace_id, lifecycle_id, key, name, description, phase, ordinal, entry)
     select $1, $2, key, name, description, phase, ordinality, entry
     from rows from (jsonb_to_recordset($3)
       as (key text, name text, description text, phase text, entry jsonb)) with ordinality`,
    [workspaceId, id, JSON.stringify(stages)],
  );
  return id;
}

/** What every new workspace starts with. */
export const createDefaultLifecycle = (sql: Sql, workspaceId: string) =>
  createLifecycle(sql, workspaceId, article000, { isDefault: true });
