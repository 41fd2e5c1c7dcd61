import { expect, it } from 'vitest';
import { storeDue } from '../../../src/engine/evaluation/due.ts';
import { refreshNextDue } from '../../../src/engine/evaluation/evaluate-due.ts';
import { sql } from '../../../src/platform/sql.ts';
import { newWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

it('keeps a due date that an event sets while the scheduler updates the next due time', async () => {
  const workspace = await newWorkspace(server);
  const { id } = workspace;
  await workspace.send([{ type: 'page', anonymousId: 'a' }]);
  const past = Date.now() + 3_600_000;
  const due = past + 3_600_000;
  await server.database.inWorkspace(id, (db) =>
    db.query(sql`update workspace_directory set due_at = ${new Date(past)} where id = ${id}`),
  );
  const stored = Promise.withResolvers<void>();
  const renewing = Promise.withResolvers<void>();

  const event = server.database.inWorkspace(id, async (db) => {
    const { rows } = await db.query<{ id: string }>(sql`select id from customer limit 1`);
    // Later than the stored due time, so nothing is updated.
    storeDue(db, [{ customerId: rows[0]?.id ?? '', due, reached: undefined }]);
    await db.query(sql`select 1`);
    stored.resolve();
    await renewing.promise;
  });
  await stored.promise;
  const renewed = refreshNextDue(server.database, id);
  await waitUntilBlocked();
  renewing.resolve();
  await Promise.all([event, renewed]);

  const { rows } = await server.database.withoutWorkspace(undefined, (db) =>
    db.query<{ at: Date | null }>(sql`
      select due_at as at from workspace_directory where id = ${id}`),
  );
  expect(rows[0]?.at?.getTime()).toBe(due);

  /** Waits until the other transaction waits for a lock or has ended. */
  async function waitUntilBlocked() {
    let isDone = false;
    void renewed.finally(() => {
      isDone = true;
    });
    await expect
      .poll(async () => {
        const waiting = await server.database.withoutWorkspace(undefined, (db) =>
          db.query(sql`select from pg_locks where not granted`),
        );
        return isDone || waiting.rows.length > 0;
      })
      .toBe(true);
  }
});
