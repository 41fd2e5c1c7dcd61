import { v7 as uuidv7 } from 'uuid';
import { asAdmin } from './databases.ts';
import { workspaceTables } from './workspace-tables.ts';

/** Found once: an id of a key leads to one key in all workspaces together. */
const notCloned = ['api_key', 'transition'];

/**
 * A second workspace in which everything has the same ids as in the first, and other contents. Whatever
 * forgets to name the workspace finds the twin's rows too, which no other data would show.
 */
export async function cloneWorkspaceWithSameIds(
  superuserUrl: string,
  workspaceId: string,
  canary: string,
) {
  const cloneId = uuidv7();
  const tables = await workspaceTables(superuserUrl);
  const copies = tables
    .filter(({ name }) => !notCloned.includes(name))
    .map(
      ({ name, wall }) =>
        `insert into ${name} overriding system value
         select (jsonb_populate_record(t, jsonb_build_object('${wall}', '${cloneId}')
           || case when to_jsonb(t) ? 'name' then jsonb_build_object('name', '${canary}') else '{}' end)).*
         from ${name} t where ${wall} = '${workspaceId}'`,
    );
  // A replica takes rows in any order: what they refer to comes with them.
  await asAdmin(
    superuserUrl,
    `begin; set local session_replication_role = replica; ${copies.join(';')}; commit`,
  );
  return cloneId;
}

/** All rows of a workspace, as text, by one statement: a connection per table took longer than all else. */
export async function dumpWorkspace(superuserUrl: string, workspaceId: string) {
  const tables = await workspaceTables(superuserUrl);
  const parts = tables.map(
    ({ name, wall }) => `select '${name}' as name, array(
      select t::text from ${name} t where ${wall} = '${workspaceId}' order by 1) as rows`,
  );
  const { rows } = await asAdmin(superuserUrl, parts.join(' union all '));
  return Object.fromEntries(
    rows.map(({ name, rows: own }: { name: string; rows: string[] }) => [name, own]),
  );
}
