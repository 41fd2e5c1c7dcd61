import { expect } from 'vitest';
import type { TestServer, TestWorkspace } from './server.ts';

/** Waits until whoever falls due up to an instant has been evaluated. */
export const waitUntilNothingIsDue = (
  { database }: TestServer,
  { id }: TestWorkspace,
  instant: number,
): Promise<void> =>
  expect
    .poll(
      () =>
        database.inWorkspace(id, async (sql) => {
          const { rows } = await sql.query(
            'select from customer where workspace_id = $1 and due_at <= $2 limit 1',
            [id, new Date(instant)],
          );
          return rows.length;
        }),
      { timeout: 60_000, interval: 20 },
    )
    .toBe(0);
