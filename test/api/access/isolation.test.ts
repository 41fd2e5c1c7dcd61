import { beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type Statements, type Transaction } from '../../../src/platform/database.ts';
import { createLifetime } from '../../../src/platform/lifetime.ts';
import { prepareDatabase } from '../../../src/platform/prepare-database.ts';
import { rawSql, type Sql, sql } from '../../../src/platform/sql.ts';
import { openEventStream } from '../../support/raw-event-stream.ts';
import { connectSocket, request } from '../../support/raw-socket.ts';
import { startSecondServer } from '../../support/second-server.ts';
import { type SeededWorkspace, seedWorkspace } from '../../support/seed-workspace.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';
import { type WorkspaceTable, workspaceTables } from '../../support/workspace-tables.ts';

const server = useServer();

describe('row-level security, without any filter of the application,', () => {
  let ownWorkspace: SeededWorkspace;
  let other: SeededWorkspace;
  let tables: WorkspaceTable[];
  let written: WorkspaceTable[];

  beforeAll(async () => {
    ownWorkspace = await seedWorkspace(server, 'mine');
    other = await seedWorkspace(server, 'other');
    tables = await workspaceTables(server.databaseUrl);
    written = tables.filter(({ name }) => name !== 'transition');
  });

  const inOwnWorkspace = <T>(work: (db: Transaction) => Promise<T>) =>
    server.database.inWorkspace(ownWorkspace.workspace.id, work);

  /** The error code of a statement for each table. */
  async function refusals(statement: (table: { name: Sql; wall: Sql; wallName: string }) => Sql) {
    const codes: Record<string, unknown> = {};
    for (const table of written) {
      const { name, wall: wallName } = table;
      const parts = { name: rawSql(name), wall: rawSql(wallName), wallName };
      codes[table.name] = await inOwnWorkspace((db) => db.query(statement(parts))).then(
        ({ rowCount }) => `${rowCount} rows`,
        ({ code }) => code,
      );
    }
    return codes;
  }

  const forEveryTable = (answer: string) =>
    Object.fromEntries(written.map(({ name }) => [name, answer]));

  it('shows only the rows of the current workspace, in every table', async () => {
    const seen: Record<string, unknown> = {};
    for (const { name, wall } of tables) {
      const { rows } = await inOwnWorkspace((db) =>
        db.query(sql`select distinct ${rawSql(wall)} as id from ${rawSql(name)}`),
      );
      seen[name] = rows;
    }

    const { id } = ownWorkspace.workspace;
    expect(seen).toEqual(Object.fromEntries(tables.map(({ name }) => [name, [{ id }]])));
  });

  it('refuses an insert into another workspace', async () => {
    const answers = await refusals(
      ({ name, wallName }) => sql`
        insert into ${name} overriding system value
        select (jsonb_populate_record(t, jsonb_build_object(${wallName}::text, ${other.workspace.id}::text))).*
        from ${name} t`,
    );

    expect(answers).toEqual(forEveryTable('42501'));
  });

  it('refuses to move a row into another workspace', async () => {
    const answers = await refusals(
      ({ name, wall }) => sql`update ${name} set ${wall} = ${other.workspace.id}`,
    );

    expect(answers).toEqual(forEveryTable('42501'));
  });

  it.each(['update', 'delete'])('applies %s to no row of another workspace', async (verb) => {
    const answers = await refusals(({ name, wall }) =>
      verb === 'update'
        ? sql`update ${name} set ${wall} = ${wall} where ${wall} = ${other.workspace.id}`
        : sql`delete from ${name} where ${wall} = ${other.workspace.id}`,
    );

    expect(answers).toEqual(forEveryTable('0 rows'));
  });

  it('shows nothing without a workspace, even on a connection that had one before', async () => {
    const lifetime = createLifetime();
    const database = openDatabase(await prepareDatabase(server.databaseUrl), { poolSize: 1 });
    lifetime.onEnd(database.end);
    const count = (db: Statements) => countAll(db, tables);

    const inside = await database.inWorkspace(ownWorkspace.workspace.id, count);
    const afterCommit = await database.withoutWorkspace(undefined, count);
    const failed = database.inWorkspace(ownWorkspace.workspace.id, (db) =>
      db.query(sql`select 1 / 0`),
    );
    await expect(failed).rejects.toMatchObject({ code: '22012' });
    const afterRollback = await database.withoutWorkspace(undefined, count);
    const setting = await database.withoutWorkspace(undefined, (db) =>
      db.query(sql`select current_setting('app.workspace_id', true) as "workspaceId"`),
    );
    await lifetime.end();

    const nothing = Object.fromEntries(tables.map(({ name }) => [name, 0]));
    expect(Object.values(inside).every((rows) => rows > 0)).toBe(true);
    expect(afterCommit).toEqual(nothing);
    expect(afterRollback).toEqual(nothing);
    expect(setting.rows).toEqual([{ workspaceId: '' }]);
  });

  it('refuses inserts without a workspace', async () => {
    const insert = server.database.withoutWorkspace(undefined, (db) =>
      db.query(
        sql`insert into workspace (id, name) values (gen_random_uuid(), 'without a workspace')`,
      ),
    );

    await expect(insert).rejects.toMatchObject({ code: '42501' });
  });

  it('shows only the row of the presented API key', async () => {
    const keyId = other.workspace.key.split('_')[2];

    const { rows } = await server.database.withoutWorkspace(keyId, (db) =>
      db.query(sql`select id from api_key`),
    );
    const change = await server.database.withoutWorkspace(keyId, (db) =>
      db.query(sql`update api_key set scopes = '{admin}'`),
    );

    expect(rows).toEqual([{ id: keyId }]);
    expect(change.rowCount).toBe(0);
  });
});

async function countAll(db: Statements, tables: readonly WorkspaceTable[]) {
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const { rows } = await db.query<{ rows: number }>(sql`
      select count(*)::int as rows from ${rawSql(name)}`);
    counts[name] = rows[0]?.rows ?? -1;
  }
  return counts;
}

it('leaks nothing between workspaces that share a small, overloaded pool', async () => {
  const url = await prepareDatabase(server.databaseUrl);
  const second = await startSecondServer(server, { url, poolSize: 10 });
  const workspaces = await Promise.all(
    Array.from({ length: 20 }, (_, i) => newWorkspace(second, { name: `canary-${i}-` })),
  );
  const pending = workspaces.flatMap((workspace, i) =>
    Array.from({ length: 4 }, (_, round) => crowd(second.url, workspace, `canary-${i}-`, round)),
  );

  const answers = (await Promise.all(pending)).flat();

  const strangers = answers.filter(({ canary, text }) =>
    (text.match(/canary-\d+-/g) ?? []).some((found) => found !== canary),
  );
  const canaries = answers.filter(({ canary, text }) => text.includes(canary));
  expect(strangers).toEqual([]);
  // The failing operation and the acknowledgement contain no data of customers.
  expect(canaries.length).toBe(20 * 4 * 5);
  await second.end();
});

/** The requests of one client: a write, queries, a subscription and an operation that fails. */
async function crowd(url: string, workspace: TestWorkspace, canary: string, round: number) {
  const { graphql, send, key, query } = workspace;
  const { workspace: before } = await query<{ workspace: { cursor: string } }>(
    '{ workspace { cursor } }',
  );
  const traits = { name: `${canary}${round}`, email: `${canary}${round}@example.com` };
  const list =
    '{ workspace { name } customers { nodes { name identities { value } events { nodes { properties } } } } }';
  const [sent, read, failed, changed] = await Promise.all([
    send([{ type: 'identify', userId: `${canary}${round}`, traits, properties: { canary } }]),
    graphql('{ workspace { name } customers { totalCount } }'),
    graphql('{ workspace { name } customers(after: "WyIxIiwiMiJd") { totalCount } }'),
    graphql('{ workspace { name } changes { __typename } }'),
  ]);
  const listed = await graphql(list);
  const watch = {
    query: `subscription { changes(after: "${before.cursor}") { ... on Change { customer { name } } } }`,
  };
  const socket = await connectSocket(url, key);
  const { answer } = await request(socket, watch);
  socket.close();
  const stream = await openEventStream(url, key, watch);
  const streamed = await stream.until((text) => text.includes('data: {'));
  stream.cancel();
  const bodies = [sent, read, failed, changed, listed].map(({ body }) => JSON.stringify(body));
  return [...bodies, JSON.stringify(answer), streamed].map((text) => ({ canary, text }));
}
