import { describe, expect, it } from 'vitest';
import type { Transaction } from '../../../src/platform/database.ts';
import { sql } from '../../../src/platform/sql.ts';
import { newWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const insertKey = (workspaceId: string, id: string) => sql`
  insert into api_key (workspace_id, id, name, secret_hash, last_four, scopes)
  values (${workspaceId}, ${id}, 'k', '', '0000', '{}')`;

const keysOf = (id: string) =>
  server.database.inWorkspace(id, async (db) => {
    const { rows } = await db.query<{ id: string }>(sql`
      select id from api_key where workspace_id = ${id} and name = 'k'`);
    return rows.map((row) => row.id);
  });

it('rolls back a transaction in which a statement failed that was not awaited', async () => {
  const { id } = await newWorkspace(server);

  const failing = server.database.inWorkspace(id, async (db) => {
    db.send(insertKey(id, 'one'));
    db.send(insertKey(id, 'one'));
    db.send(insertKey(id, 'two'));
  });

  // unique_violation: the first failure, not the aborted transaction that later statements report.
  await expect(failing).rejects.toMatchObject({ code: '23505' });
  expect(await keysOf(id)).toEqual([]);
});

it('reports the first failure, whichever statement is awaited', async () => {
  const { id } = await newWorkspace(server);

  const failing = server.database.inWorkspace(id, async (db) => {
    db.send(sql`select 1 / 0`);
    await db.query(sql`select 1`);
  });

  await expect(failing).rejects.toMatchObject({ code: '22012' });
});

it('runs statements in the order of the calls, and none after the end', async () => {
  const { id } = await newWorkspace(server);
  let late: Promise<unknown> | undefined;

  await server.database.inWorkspace(id, async (db) => {
    for (const key of ['a', 'b', 'c']) db.send(insertKey(id, key));
    const { rows } = await db.query<{ keys: number }>(sql`
      select count(*)::int as keys from api_key where workspace_id = ${id} and name = 'k'`);
    expect(rows).toEqual([{ keys: 3 }]);
    late = new Promise((resolve) => setImmediate(resolve)).then(() => db.query(sql`select 1`));
    late.catch(() => undefined);
  });

  await expect(late).rejects.toThrow('The transaction is over');
  expect((await keysOf(id)).toSorted()).toEqual(['a', 'b', 'c']);
});

it('stores no change without a position in the log', async () => {
  const workspace = await newWorkspace(server);
  await server.database.inWorkspace(workspace.id, (db) =>
    db.query(sql`delete from change_counter where workspace_id = ${workspace.id}`),
  );

  const { status } = await workspace.send([{ type: 'page', anonymousId: 'a' }]);

  expect(status).toBeGreaterThanOrEqual(500);
  const { customers } = await server.database.inWorkspace(workspace.id, async (db) => {
    const { rows } = await db.query<{ customers: number }>(sql`
      select count(*)::int as customers from customer where workspace_id = ${workspace.id}`);
    return rows[0] ?? { customers: -1 };
  });
  expect(customers).toBe(0);
});

describe('aborted work', () => {
  const sleep = (db: Transaction, seconds: number) => db.query(sql`select pg_sleep(${seconds})`);

  it('is abandoned immediately, and the pool keeps working', async () => {
    const { id } = await newWorkspace(server);
    const ending = new AbortController();
    const options = { statementTimeoutMs: 60_000, signal: ending.signal };
    const isUnderWay = Promise.withResolvers<void>();

    const work = server.database.inWorkspace(
      id,
      async (db) => {
        await db.query(sql`select 1`);
        isUnderWay.resolve();
        return sleep(db, 5);
      },
      options,
    );
    work.catch(() => undefined);
    await isUnderWay.promise;
    ending.abort();

    await expect(work).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    const { rows } = await server.database.inWorkspace(id, (db) => db.query(sql`select 1 as one`));
    expect(rows).toEqual([{ one: 1 }]);
  });

  it('is cancelled in the database too when its time limit is exceeded', async () => {
    const { id } = await newWorkspace(server);
    const options = { statementTimeoutMs: 300, signal: new AbortController().signal };

    const work = server.database.inWorkspace(id, (db) => sleep(db, 60), options);
    await expect(work).rejects.toMatchObject({ code: '57014' });

    await expect
      .poll(async () => {
        const { rows } = await server.database.withoutWorkspace(undefined, (db) =>
          db.query(sql`
            select from pg_stat_activity where query = 'select pg_sleep(60)' and state = 'active'`),
        );
        return rows.length;
      })
      .toBe(0);
  });
});
