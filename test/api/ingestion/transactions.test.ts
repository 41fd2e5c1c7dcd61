import { describe, expect, it } from 'vitest';
import type { Sql } from '../../../src/platform/database.ts';
import { newWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const insertKey = `insert into api_key (workspace_id, id, name, secret_hash, last_four, scopes)
  values ($1, $2, 'k', '', '0000', '{}')`;

const keysOf = (id: string) =>
  server.database.inWorkspace(id, async (sql) => {
    const { rows } = await sql.query<{ id: string }>(
      "select id from api_key where workspace_id = $1 and name = 'k'",
      [id],
    );
    return rows.map((row) => row.id);
  });

it('keeps nothing of a transaction in which a statement failed that nobody waited for', async () => {
  const { id } = await newWorkspace(server);

  const failing = server.database.inWorkspace(id, async (sql) => {
    sql.send(insertKey, [id, 'one']);
    sql.send(insertKey, [id, 'one']);
    sql.send(insertKey, [id, 'two']);
  });

  // unique_violation: what failed first, not that the transaction was aborted for what came after.
  await expect(failing).rejects.toMatchObject({ code: '23505' });
  expect(await keysOf(id)).toEqual([]);
});

it('tells what failed first, whichever statement somebody waited for', async () => {
  const { id } = await newWorkspace(server);

  const failing = server.database.inWorkspace(id, async (sql) => {
    sql.send('select 1 / 0');
    await sql.query('select 1');
  });

  await expect(failing).rejects.toMatchObject({ code: '22012' });
});

it('runs statements in the order asked for, and lets none run after the end', async () => {
  const { id } = await newWorkspace(server);
  let late: Promise<unknown> | undefined;

  await server.database.inWorkspace(id, async (sql) => {
    for (const key of ['a', 'b', 'c']) sql.send(insertKey, [id, key]);
    const { rows } = await sql.query<{ keys: number }>(
      "select count(*)::int as keys from api_key where workspace_id = $1 and name = 'k'",
      [id],
    );
    expect(rows).toEqual([{ keys: 3 }]);
    late = new Promise((resolve) => setImmediate(resolve)).then(() => sql.query('select 1'));
    late.catch(() => undefined);
  });

  await expect(late).rejects.toThrow('The transaction is over');
  expect((await keysOf(id)).toSorted()).toEqual(['a', 'b', 'c']);
});

it('records no change where there is no place for it in the log', async () => {
  const workspace = await newWorkspace(server);
  await server.database.inWorkspace(workspace.id, (sql) =>
    sql.query('delete from change_counter where workspace_id = $1', [workspace.id]),
  );

  const { status } = await workspace.send([{ type: 'page', anonymousId: 'a' }]);

  expect(status).toBeGreaterThanOrEqual(500);
  const { customers } = await server.database.inWorkspace(workspace.id, async (sql) => {
    const { rows } = await sql.query<{ customers: number }>(
      'select count(*)::int as customers from customer where workspace_id = $1',
      [workspace.id],
    );
    return rows[0] ?? { customers: -1 };
  });
  expect(customers).toBe(0);
});

describe('work that nobody waits for', () => {
  const sleep = (sql: Sql, seconds: number) => sql.query(`select pg_sleep(${seconds})`);

  it('is dropped at once when told to end, and the pool goes on', async () => {
    const { id } = await newWorkspace(server);
    const ending = new AbortController();
    const options = { statementTimeoutMs: 60_000, signal: ending.signal };
    const isUnderWay = Promise.withResolvers<void>();

    const work = server.database.inWorkspace(
      id,
      async (sql) => {
        await sql.query('select 1');
        isUnderWay.resolve();
        return sleep(sql, 5);
      },
      options,
    );
    work.catch(() => undefined);
    await isUnderWay.promise;
    ending.abort();

    await expect(work).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    const { rows } = await server.database.inWorkspace(id, (sql) => sql.query('select 1 as one'));
    expect(rows).toEqual([{ one: 1 }]);
  });

  it('ends in the database too once its time is over', async () => {
    const { id } = await newWorkspace(server);
    const options = { statementTimeoutMs: 300, signal: new AbortController().signal };

    const work = server.database.inWorkspace(id, (sql) => sleep(sql, 60), options);
    await expect(work).rejects.toMatchObject({ code: '57014' });

    await expect
      .poll(async () => {
        const { rows } = await server.database.withoutWorkspace(undefined, (sql) =>
          sql.query(
            "select from pg_stat_activity where query = 'select pg_sleep(60)' and state = 'active'",
          ),
        );
        return rows.length;
      })
      .toBe(0);
  });
});
