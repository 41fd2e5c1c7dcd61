import { asAdmin } from './databases.ts';

/** A table with rows of workspaces, and the column with the workspace's id. */
export interface WorkspaceTable {
  name: string;
  wall: string;
}

/** Every table and view with a column workspace_id, and the table of workspaces. */
export async function workspaceTables(superuserUrl: string): Promise<WorkspaceTable[]> {
  const { rows } = await asAdmin(
    superuserUrl,
    `select c.relname as name, case c.relname when 'workspace' then 'id' else 'workspace_id' end as wall
     from pg_class c
     where c.relkind in ('r', 'p', 'v') and c.relnamespace = 'public'::regnamespace
       and (c.relname = 'workspace' or exists (
         select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id'))
     order by 1`,
  );
  return rows;
}
