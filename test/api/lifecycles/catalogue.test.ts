import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareDatabase } from '../../../src/platform/prepare-database.ts';
import { useServer } from '../../support/server.ts';

// Reads the catalogue of the database, so that tables added later are checked too.

const server = useServer();
let client: pg.Client;

beforeAll(async () => {
  client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
});
afterAll(() => client.end());

async function read<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
  return (await client.query<Row>(sql, values)).rows;
}

/** Tables with a column workspace_id, and the table of workspaces, which is protected by its id. */
const workspaceTables = `
  select c.oid, c.relname as name, case c.relname when 'workspace' then 'id' else 'workspace_id' end as wall
  from pg_class c
  where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
    and (c.relname = 'workspace' or exists (
      select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id'))`;

const setting = "(NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid";

it('finds the tables of workspaces', async () => {
  const tables = await read<{ name: string }>(workspaceTables);

  expect(tables.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['workspace', 'api_key', 'customer', 'event', 'change']),
  );
});

it('has only two tables without row-level security: the workspace directory and the migrations', async () => {
  const tables = await read<{ name: string }>(
    `select relname as name from pg_class
     where relkind in ('r', 'p', 'm', 'f') and relnamespace = 'public'::regnamespace
       and relname not in (select name from (${workspaceTables}) walled) order by 1`,
  );
  const columns = await read<{ name: string }>(
    `select attname as name from pg_attribute
     where attrelid = 'workspace_directory'::regclass and attnum > 0 and not attisdropped order by 1`,
  );

  expect(tables.map(({ name }) => name)).toEqual(['_prisma_migrations', 'workspace_directory']);
  expect(columns.map(({ name }) => name)).toEqual([
    'due_at',
    'id',
    'importing_until',
    'jobs_at',
    'ordinal',
    'purpose',
  ]);
});

it('enables and forces row-level security on every workspace table', async () => {
  const open = await read(
    `select relname from pg_class
     where oid in (select oid from (${workspaceTables}) walled)
       and not (relrowsecurity and relforcerowsecurity)`,
  );

  expect(open).toEqual([]);
});

it('has a policy on every workspace table that allows only rows of the current workspace', async () => {
  const tables = await read<{ name: string; wall: string }>(workspaceTables);
  const policies = await read<Record<string, unknown>>(
    `select tablename as table, policyname as name, permissive, roles::text, cmd, qual, with_check
     from pg_policies where schemaname = 'public' and policyname <> 'presented_key' order by 1`,
  );

  const expected = tables.map(({ name, wall }) => {
    const condition = `(${wall} = ( SELECT ${setting} AS "nullif"))`;
    return {
      table: name,
      name: 'workspace',
      permissive: 'PERMISSIVE',
      roles: '{public}',
      cmd: 'ALL',
      qual: condition,
      with_check: condition,
    };
  });
  expect(policies).toEqual(expected.sort((a, b) => (a.table < b.table ? -1 : 1)));
});

it('has one further policy, which shows the row of a presented API key', async () => {
  // An API key is presented before its workspace is known, so its row must be readable. The policy only allows reads.
  const policies = await read(
    `select tablename as table, cmd, qual, with_check
     from pg_policies where schemaname = 'public' and policyname = 'presented_key'`,
  );

  expect(policies).toEqual([
    {
      table: 'api_key',
      cmd: 'SELECT',
      qual: `(id = ( SELECT NULLIF(current_setting('app.api_key_id'::text, true), ''::text) AS "nullif"))`,
      with_check: null,
    },
  ]);
});

describe('every key of a workspace table', () => {
  it('includes a primary key', async () => {
    const without = await read(
      `select name from (${workspaceTables}) walled
       where not exists (select from pg_index i where i.indrelid = walled.oid and i.indisprimary)`,
    );

    expect(without).toEqual([]);
  });

  it('starts with the workspace, except for ids of API keys and names of workspaces', async () => {
    // A key is looked up by its unique id before its workspace is known. Names of workspaces are unique in the
    // installation; only its operator sets them.
    const others = await read<{ index: string }>(
      `select i.indexrelid::regclass::text as index
       from (${workspaceTables}) walled
       join pg_index i on i.indrelid = walled.oid
       left join pg_attribute a on a.attrelid = walled.oid and a.attnum = i.indkey[0]
       where a.attname is distinct from walled.wall`,
    );

    expect(others.map(({ index }) => index).sort()).toEqual(['api_key_id_key', 'workspace_name']);
  });

  it('refers to rows of its own workspace only', async () => {
    const foreignKeys = await read<{
      name: string;
      target: string;
      from: string[];
      to: string[];
    }>(
      `select con.conname as name, con.confrelid::regclass::text as target,
         array(select attname::text from unnest(con.conkey) with ordinality k (attnum, place)
               join pg_attribute using (attnum) where attrelid = con.conrelid order by place) as from,
         array(select attname::text from unnest(con.confkey) with ordinality k (attnum, place)
               join pg_attribute using (attnum) where attrelid = con.confrelid order by place) as to
       from pg_constraint con
       where con.contype = 'f' and con.conrelid in (select oid from (${workspaceTables}) walled)`,
    );

    const astray = foreignKeys.filter(({ target, from, to }) =>
      target === 'workspace'
        ? from.join() !== 'workspace_id' || to.join() !== 'id'
        : from[0] !== 'workspace_id' || to[0] !== 'workspace_id' || from.length < 2,
    );
    expect(foreignKeys.length).toBeGreaterThan(10);
    expect(astray).toEqual([]);
  });

  // The log has no foreign keys (docs/decisions/0003): deleting a workspace must also delete its log explicitly.
  it('is deleted with its workspace, directly or through another table, except for the log', async () => {
    const kept = await read<{ name: string }>(
      `with recursive following as (
         select 'workspace'::regclass::oid as oid
         union
         select con.conrelid from pg_constraint con
         join following on con.confrelid = following.oid
         where con.contype = 'f' and con.confdeltype = 'c')
       select name from (${workspaceTables}) walled where oid not in (select oid from following)`,
    );

    expect(kept.map(({ name }) => name)).toEqual(['change']);
  });
});

it('runs every view with the privileges of the caller', async () => {
  const views = await read<{ name: string; options: string[] | null }>(
    `select relname as name, reloptions as options from pg_class
     where relkind = 'v' and relnamespace = 'public'::regnamespace`,
  );

  expect(views.map(({ name }) => name)).toContain('transition');
  expect(views.filter(({ options }) => !options?.includes('security_invoker=true'))).toEqual([]);
});

it('has no function with security definer', async () => {
  const functions = await read(
    `select proname from pg_proc
     where prosecdef and pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)`,
  );

  expect(functions).toEqual([]);
});

describe('the serving login', () => {
  const loginName = async () => new URL(await prepareDatabase(server.databaseUrl)).username;

  it('is neither superuser nor exempt from policies, and is no member of another role', async () => {
    const [login] = await read(
      `select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
         array(select roleid::regrole::text from pg_auth_members where member = pg_roles.oid) as member_of
       from pg_roles where rolname = $1`,
      [await loginName()],
    );

    expect(login).toEqual({
      rolsuper: false,
      rolbypassrls: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolreplication: false,
      member_of: [],
    });
  });

  it('owns nothing and has no privilege that policies do not restrict', async () => {
    // TRUNCATE, REFERENCES and TRIGGER bypass row-level security.
    const name = await loginName();

    const owned = await read(
      'select relname from pg_class where relowner = (select oid from pg_roles where rolname = $1)',
      [name],
    );
    const excess = await read(
      `select table_name, privilege_type from information_schema.role_table_grants
       where grantee = $1 and privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')`,
      [name],
    );
    const migrations = await read(
      `select privilege_type from information_schema.role_table_grants
       where grantee = $1 and table_name = '_prisma_migrations'`,
      [name],
    );

    expect([owned, excess]).toEqual([[], []]);
    expect(migrations).toEqual([{ privilege_type: 'SELECT' }]);
  });
});
