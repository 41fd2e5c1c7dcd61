import { expect } from 'vitest';
import { sql } from '../../src/platform/sql.ts';
import type { TestServer, TestWorkspace } from './server.ts';

/** Waits until all customers due up to an instant are evaluated. */
export const waitUntilNothingIsDue = (
  { database }: TestServer,
  { id }: TestWorkspace,
  instant: number,
): Promise<void> =>
  expect
    .poll(
      () =>
        database.inWorkspace(id, async (db) => {
          const { rows } = await db.query(sql`
            select from customer where workspace_id = ${id} and due_at <= ${new Date(instant)} limit 1`);
          return rows.length;
        }),
      { timeout: 60_000, interval: 20 },
    )
    .toBe(0);
