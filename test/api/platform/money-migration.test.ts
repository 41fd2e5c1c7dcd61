import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createLifetime } from '../../../src/platform/lifetime.ts';
import { type EarlierDatabase, openDatabaseBefore } from '../../support/earlier-database.ts';

const postgresUrl = inject('postgresUrl');
const lifetime = createLifetime();
let database: EarlierDatabase;

const id = (last: number) => `00000000-0000-7000-8000-00000000000${last}`;
const workspaceId = id(1);

const customer = (number: number, mergedInto?: number) => `
  insert into customer (workspace_id, id, merged_into, first_seen_at, last_seen_at, evaluated_at)
    values ('${workspaceId}', '${id(number)}', ${mergedInto ? `'${id(mergedInto)}'` : 'null'},
      '2026-01-01', '2026-01-01', '2026-01-01');`;

let sent = 0;
const order = (
  of: number,
  at: string,
  amount: number,
  currency = 'EUR',
  total: unknown = amount,
) => {
  sent += 1;
  return `
    insert into event (workspace_id, id, customer_id, message_id, kind, name, effect, occurred_at, received_at,
        amount, currency, properties)
      values ('${workspaceId}', gen_random_uuid(), '${id(of)}', 'm${sent}', 'track', 'Order Completed', 'order',
        '${at}', '${at}', ${amount}, '${currency}', '${JSON.stringify({ total })}');`;
};

/** 3 was merged into 2, 4 orders abroad only, 5 sends amounts as texts, 6 has nothing of this. */
const before = `
  select set_config('app.workspace_id', '${workspaceId}', false);
  insert into workspace (id, name, currency, time_zone) values ('${workspaceId}', 'Main', 'EUR', 'Asia/Tokyo');
  insert into workspace_directory (id, purpose) values ('${workspaceId}', 'main');
  ${customer(2)} ${customer(3, 2)} ${customer(4)} ${customer(5)} ${customer(6)}
  ${order(2, '2026-01-01T12:00Z', 700, 'USD')}
  ${order(2, '2026-01-03T12:00Z', 100)}
  ${order(3, '2026-01-02T14:00Z', 20)} ${order(3, '2026-01-02T15:30Z', 3)} ${order(2, '2026-01-02T16:00Z', 3)}
  ${order(4, '2026-01-01T12:00Z', 700, 'USD')}
  ${order(5, '2026-01-01T12:00Z', 800, 'EUR', '8.00')}
  ${order(6, '2026-01-01T12:00Z', 900)}
  select set_config('app.workspace_id', '', false);`;

beforeAll(async () => {
  database = await openDatabaseBefore('20261129110000_money', { postgresUrl, lifetime });
  await database.client.query(before);
  await database.migrate();
  await database.client.query(`select set_config('app.workspace_id', '${workspaceId}', false)`);
});
afterAll(() => lifetime.end());

it("counts the orders of each customer in the workspace's currency", async () => {
  const { rows } = await database.client.query(
    `select own_orders as orders, own_order_days as days, first_day_value as value,
       first_own_order_at as first, last_own_order_at as last
     from customer where merged_into is null order by id`,
  );

  const at = (text: string) => new Date(`2026-01-${text}Z`);
  const once = (value: string) => ({
    ...{ orders: 1, days: 1, value },
    ...{ first: at('01T12:00'), last: at('01T12:00') },
  });
  expect(rows).toEqual([
    // In Tokyo 15:30Z is the next day.
    { orders: 4, days: 2, value: '20', first: at('02T14:00'), last: at('03T12:00') },
    { orders: 0, days: 0, value: '0', first: null, last: null },
    once('800'),
    once('900'),
  ]);
});

it('evaluates the customers again of whom averages and sums may say otherwise', async () => {
  const { rows } = await database.client.query(
    `select c.id, c.due_cause as cause, c.due_at = d.due_at as next
     from customer c, workspace_directory d where c.due_at is not null order by c.id`,
  );

  expect(rows).toEqual(
    [2, 4, 5].map((number) => ({ id: id(number), cause: 'DEFINITION', next: true })),
  );
});
