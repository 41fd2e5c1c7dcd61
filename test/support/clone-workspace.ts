import { v7 as uuidv7 } from 'uuid';
import { asAdmin } from './databases.ts';
import { workspaceTables } from './workspace-tables.ts';

/** Not cloned, because the id of a key is unique over all workspaces. */
const notCloned = ['api_key', 'transition'];

/**
 * Clones a workspace with the same ids and other contents. A query that does not filter by workspace then also finds the
 * rows of the clone, which no other data would reveal.
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
  // As a replica, PostgreSQL accepts rows in any order without checking foreign keys.
  await asAdmin(
    superuserUrl,
    `begin; set local session_replication_role = replica; ${copies.join(';')}; commit`,
  );
  return cloneId;
}

/** All rows of a workspace as text, in one statement: one connection per table dominated the run time. */
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
