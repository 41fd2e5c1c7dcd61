import { expect, it } from 'vitest';
import { installModel } from '../../support/churn-models.ts';
import { newWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const at = (day: number) => new Date(Date.UTC(2025, 0, day));
let sent = 0;
const call = (event: string, day: number, properties: object) => ({
  ...{ type: 'track', userId: 'ada', event, properties, messageId: `m${++sent}` },
  timestamp: at(day).toISOString(),
});
const order = (id: string, day: number, total: number, more: object = {}) =>
  call('Order Completed', day, { order_id: id, total, ...more });

/** Orders on days 1, 10 and 30. */
const correct = () => [order('A', 1, 20), order('B', 10, 30), order('C', 30, 50)];

const reported: Array<[string, () => object[][]]> = [
  ['twice, later', () => [correct(), [order('A', 40, 20), order('B', 41, 30), order('C', 42, 50)]]],
  [
    'wrongly, then corrected',
    () => [
      [order('A', 1, 9)],
      [order('B', 10, 9), order('C', 30, 9)],
      [...[order('A', 50, 20), order('B', 50, 30), order('C', 50, 50)]],
    ],
  ],
  [
    'with one that was cancelled before it arrived',
    () => [[...correct(), call('Order Cancelled', 45, { order_id: 'X' })], [order('X', 44, 900)]],
  ],
  [
    'with one that is pending, and a test',
    () => [
      [...correct(), order('P', 60, 1, { status: 'pending' }), order('T', 61, 1, { test: true })],
    ],
  ],
];

async function assess(batches: object[][]) {
  server.clock.now = at(100);
  const workspace = await newWorkspace(server);
  await installModel(server, workspace);
  for (const batch of batches) await workspace.send(batch);
  const { customer } = await workspace.query<{
    customer: object;
  }>(`{ customer(by: { userId: "ada" }) {
    orderCount netRevenue { amount } risk { state score band pAlive expectedOrders }
    lifetimeValue { historic { amount } predicted { amount } } } }`);
  return customer;
}

it.each(reported)(
  'assesses a customer whose orders are reported %s as if they were once',
  async (_how, batches) => {
    const expected = await assess([correct()]);

    expect(await assess(batches())).toEqual(expected);
    expect(expected).toMatchObject({ orderCount: 3, risk: { state: 'ASSESSED' } });
  },
);
