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

it('keeps nothing of a transaction in which a statement failed that nobody waited for', async () => {
  const { id } = await newWorkspace(server);

  const failing = server.database.inWorkspace(id, async (db) => {
    db.send(insertKey(id, 'one'));
    db.send(insertKey(id, 'one'));
    db.send(insertKey(id, 'two'));
  });

  // unique_violation: what failed first, not that the transaction was aborted for what came after.
  await expect(failing).rejects.toMatchObject({ code: '23505' });
  expect(await keysOf(id)).toEqual([]);
});

it('tells what failed first, whichever statement somebody waited for', async () => {
  const { id } = await newWorkspace(server);

  const failing = server.database.inWorkspace(id, async (db) => {
    db.send(sql`select 1 / 0`);
    await db.query(sql`select 1`);
  });

  await expect(failing).rejects.toMatchObject({ code: '22012' });
});

it('runs statements in the order asked for, and lets none run after the end', async () => {
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

it('records no change where there is no place for it in the log', async () => {
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

describe('work that nobody waits for', () => {
  const sleep = (db: Transaction, seconds: number) => db.query(sql`select pg_sleep(${seconds})`);

  it('is dropped at once when told to end, and the pool goes on', async () => {
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

  it('ends in the database too once its time is over', async () => {
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
