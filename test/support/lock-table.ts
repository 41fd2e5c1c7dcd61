import pg from 'pg';
import { onTestFinished } from 'vitest';
import type { TestServer } from './server.ts';

/** Blocks reads of a table until it is released or the test ends. */
export async function lockTable({ databaseUrl }: TestServer, table: 'customer' | 'event') {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('begin');
  await client.query(`lock table ${table} in access exclusive mode`);
  let isReleased = false;
  async function release() {
    if (isReleased) return;
    isReleased = true;
    await client.end();
  }
  onTestFinished(release);
  return release;
}
