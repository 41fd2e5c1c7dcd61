import pg from 'pg';
import { expect } from 'vitest';
import type { TestServer } from './server.ts';

/** Makes everything that a workspace takes in wait in its transaction, until it is released. */
export async function holdIngestion(server: TestServer, workspaceId: string) {
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [workspaceId]);
  return {
    /** Resolves once a transaction of the server waits. */
    async untilWaiting() {
      await expect
        .poll(async () => {
          const { rows } = await client.query(
            `select from pg_locks where locktype = 'advisory' and not granted
               and database = (select oid from pg_database where datname = current_database())`,
          );
          return rows.length;
        }, patient)
        .toBeGreaterThan(0);
    },
    release: () => client.end(),
  };
}

/** For conditions that come true by themselves, on however slow a machine. */
export const patient = { timeout: 20_000, interval: 10 };
