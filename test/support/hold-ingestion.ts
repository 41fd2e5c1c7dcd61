import pg from 'pg';
import { expect } from 'vitest';
import type { TestServer } from './server.ts';

/** Makes everything that a workspace takes in wait in its transaction, until it is released. */
export const holdIngestion = (server: Pick<TestServer, 'databaseUrl'>, workspaceId: string) =>
  hold(server, `select pg_advisory_lock(hashtextextended('${workspaceId}', 0))`);

/** Makes everything that needs the table wait, until it is released. */
export const holdTable = (server: Pick<TestServer, 'databaseUrl'>, table: string) =>
  hold(server, `begin; lock table ${table} in access exclusive mode`);

async function hold(server: Pick<TestServer, 'databaseUrl'>, lock: string) {
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  await client.query(lock);
  return {
    /** Resolves once this many transactions of the server wait for it. */
    async untilWaiting(count = 1) {
      await expect
        .poll(async () => {
          const { rows } = await client.query(
            `select from pg_locks where not granted
               and database = (select oid from pg_database where datname = current_database())`,
          );
          return rows.length;
        }, patient)
        .toBeGreaterThanOrEqual(count);
    },
    release: () => client.end(),
  };
}

/** For conditions that come true by themselves, on however slow a machine. */
export const patient = { timeout: 20_000, interval: 10 };
