import { expect, it, vi } from 'vitest';
import { recomputeFacts } from '../../../src/engine/customers/recompute-facts.ts';
import type { Transaction } from '../../../src/platform/database.ts';
import { startJob } from '../../../src/platform/jobs/store-jobs.ts';
import { sql } from '../../../src/platform/sql.ts';
import { factsOf } from '../../support/customer-facts.ts';
import { pollOptions } from '../../support/lock-ingestion.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

let sent = 0;
const call = (event: string, properties: object, userId = 'u1') => ({
  ...{ type: 'track', userId, event, properties, messageId: `m${++sent}` },
  ...{ timestamp: new Date(Date.UTC(2025, 0, 1) + sent * 60_000).toISOString() },
});

const history = () => [
  call('Order Completed', { order_id: 'A', total: 50, products: [{ sku: 'LAMP' }] }),
  call('Order Completed', { order_id: 'A', total: 50 }),
  call('Order Completed', { order_id: 'B', total: 8 }),
  call('Order Cancelled', { order_id: 'B' }),
  call('Order Refunded', { order_id: 'A', total: 80 }),
  call('Order Completed', { total: 100, tax: 20 }),
  call('Order Completed', { order_id: 'guest', total: 3 }, 'u2'),
  call('Order Completed', { order_id: 'guest', total: 4 }, 'u3'),
  call('Subscription Started', { subscription_id: 's' }),
  call('Subscription Started', { subscription_id: 's' }),
];
/** More than one step examines. */
const views = () => Array.from({ length: 1_100 }, () => call('Viewed', {}));

/** As earlier versions stored it: each event counted by itself, with its total. */
async function forgetRecords(db: Transaction) {
  const own = sql`workspace_id = ${db.workspaceId}`;
  await db.query(sql`delete from record_report where ${own}`);
  await db.query(sql`delete from customer_order where ${own}`);
  await db.query(sql`delete from subscription where ${own}`);
  await db.query(sql`
    update event set counts = true, corrected = null, counted_effect = null, counted_until = null,
      effect = case name when 'Order Completed' then 'order' when 'Order Refunded' then 'refund'
        when 'Subscription Started' then 'subscription_started' end,
      amount = (properties ->> 'total')::numeric * 100,
      currency = case when properties ? 'total' then 'USD' end
    where ${own}`);
  const { rows } = await db.query<{ id: string }>(sql`select id from customer where ${own}`);
  await recomputeFacts(
    db,
    rows.map(({ id }) => id),
    'UTC',
  );
}

const jobOf = async ({ id }: TestWorkspace) => {
  const { rows } = await server.database.inWorkspace(id, (db) =>
    db.query<{ state: string; done: number; total: number }>(sql`
      select state, done, total from job where workspace_id = ${id} and kind = 'RECORDS'`),
  );
  return rows[0];
};

async function stateOf(workspace: TestWorkspace) {
  const facts = await Promise.all(
    ['u1', 'u2', 'u3'].map((userId) => factsOf(workspace, { userId })),
  );
  const { orders } = await workspace.query<{ orders: object }>(
    '{ orders { nodes { orderId status amount { amount } lines { sku } refunds { amount { amount } } } } }',
  );
  return { facts, orders };
}

it('interprets what earlier versions stored, in steps with progress', async () => {
  const workspace = await newWorkspace(server);
  const calls = [...history(), ...views()];
  await workspace.send(calls.slice(0, 600));
  await workspace.send(calls.slice(600));
  const expected = await stateOf(workspace);
  await server.database.inWorkspace(workspace.id, forgetRecords);
  expect((await factsOf(workspace, { userId: 'u1' })).orderCount).toBe(4);

  await server.database.inWorkspace(workspace.id, (db) =>
    startJob(db, { kind: 'RECORDS', total: calls.length, now: new Date() }),
  );
  await vi.waitUntil(async () => (await jobOf(workspace))?.state === 'DONE', pollOptions);

  expect(await stateOf(workspace)).toEqual(expected);
  expect(await jobOf(workspace)).toMatchObject({ done: calls.length, total: calls.length });
  // A later report finds the order.
  await workspace.send([call('Order Completed', { order_id: 'A', total: 50 })]);
  expect((await factsOf(workspace, { userId: 'u1' })).orderCount).toBe(2);
});
