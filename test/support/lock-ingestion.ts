import pg from 'pg';
import { expect } from 'vitest';
import type { TestServer } from './server.ts';

/** Blocks the ingestion of a workspace inside its transactions until it is released. */
export const lockIngestion = (server: Pick<TestServer, 'databaseUrl'>, workspaceId: string) =>
  holdLock(server, `select pg_advisory_lock(hashtextextended('${workspaceId}', 0))`);

/** Blocks every statement on a table until it is released. */
export const blockTable = (server: Pick<TestServer, 'databaseUrl'>, table: string) =>
  holdLock(server, `begin; lock table ${table} in access exclusive mode`);

async function holdLock(server: Pick<TestServer, 'databaseUrl'>, lock: string) {
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  await client.query(lock);
  return {
    /** Resolves when this many transactions of the server wait for a lock. */
    async waitUntilBlocked(count = 1) {
      await expect
        .poll(async () => {
          const { rows } = await client.query(
            `select from pg_locks where not granted
               and database = (select oid from pg_database where datname = current_database())`,
          );
          return rows.length;
        }, pollOptions)
        .toBeGreaterThanOrEqual(count);
    },
    release: () => client.end(),
  };
}

/** Poll options with a timeout long enough for a slow machine. */
export const pollOptions = { timeout: 20_000, interval: 10 };
