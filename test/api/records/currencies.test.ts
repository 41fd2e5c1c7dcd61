import { describe, expect, it } from 'vitest';
import { valueAt } from '../../../src/domains/churn/risk/value.ts';
import { installModel } from '../../support/churn-models.ts';
import { exampleModel } from '../../support/example-model.ts';
import { createBuiltSegment, memberIds } from '../../support/segments.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const day = 86_400_000;
const begin = Date.UTC(2025, 0, 1, 12);
const now = new Date(begin + 100 * day);

const order = (userId: string, total: unknown, more: Record<string, unknown> = {}, days = 0) => ({
  type: 'track',
  event: 'Order Completed',
  userId,
  timestamp: new Date(begin + days * day).toISOString(),
  properties: { total, ...more },
});

async function createShop(calls: object[], currency = 'EUR') {
  server.clock.now = now;
  const workspace = await newWorkspace(server, { currency });
  await installModel(server, workspace);
  expect((await workspace.send(calls)).status).toBe(200);
  return workspace;
}

async function matching(workspace: TestWorkspace, where: object): Promise<string[]> {
  const { customers } = await workspace.query<{ customers: { nodes: Array<{ userId: string }> } }>(
    'query ($where: CustomerFilter) { customers(where: $where) { nodes { userId } } }',
    { where },
  );
  return customers.nodes.map(({ userId }) => userId).sort();
}

const average = (is: object) => ({ fact: { averageOrderValue: is } });
const sum = (is: object, more: object = {}) => ({
  did: { event: ['Order Completed'], measure: { sum: { property: 'total', is } }, ...more },
});
const inCurrency = (equals: string) => ({
  where: [{ name: 'currency', is: { text: { equals } } }],
});
const exactly = (value: number) => ({ between: { from: value, to: value } });

/** Of u1: 100 EUR, 100 USD and "80.00" EUR; u2 orders in USD only; u3 never. */
const shop = [
  order('u1', 100, { currency: 'EUR' }),
  order('u1', 100, { currency: 'USD' }, 10),
  order('u1', '80.00', { currency: 'EUR' }, 20),
  order('u2', 100, { currency: 'USD' }),
  { type: 'page', userId: 'u3', timestamp: new Date(begin).toISOString() },
];

async function expectEverywhere(workspace: TestWorkspace, filter: object, users: string[]) {
  const { key } = await createBuiltSegment(workspace, JSON.stringify(filter).slice(0, 40), filter);
  const { segmentHistory } = await workspace.query<{ segmentHistory: HistoryPoint[] }>(
    `query ($where: CustomerFilter!, $from: DateTime!, $to: DateTime!) {
      segmentHistory(where: $where, from: $from, to: $to) { count } }`,
    { where: filter, from: new Date(begin + 99 * day), to: now },
  );

  expect(await matching(workspace, filter)).toEqual(users);
  expect(await memberIds(workspace, key)).toEqual(users);
  expect(segmentHistory.at(-1)?.count).toBe(users.length);
}

interface HistoryPoint {
  count: number;
}

describe('the average order value', () => {
  it("is that of the orders in the workspace's currency", async () => {
    const workspace = await createShop(shop);

    await expectEverywhere(workspace, average(exactly(9_000)), ['u1']);
    await expectEverywhere(workspace, average({ between: { from: 5_900, to: 6_100 } }), []);
  });

  it('is absent, not 0, for a customer with orders in other currencies only', async () => {
    const workspace = await createShop(shop);

    await expectEverywhere(workspace, average({ atMost: 9_000 }), ['u1']);
    await expectEverywhere(workspace, average(exactly(0)), []);
  });

  it('is explained by the orders that it consists of', async () => {
    const workspace = await createShop(
      shop.map((call, index) => ({ ...call, messageId: `m${index}` })),
    );

    const { customer } = await workspace.query<{ customer: { why: { clauses: object[] } } }>(
      `query ($filter: CustomerFilter) { customer(by: { userId: "u1" }) {
        why(of: { where: $filter }) { clauses { holds actual evidence { messageId } } } } }`,
      { filter: average(exactly(9_000)) },
    );

    expect(customer.why.clauses).toEqual([
      { holds: true, actual: 9_000, evidence: [{ messageId: 'm2' }, { messageId: 'm0' }] },
    ]);
  });

  it('stays right when an order turns out to be in another currency', async () => {
    const workspace = await createShop([
      order('u1', 100, { order_id: 'A-1' }),
      order('u1', 50, { order_id: 'A-2' }),
    ]);

    await workspace.send([
      { ...order('u1', 100, { order_id: 'A-1', currency: 'USD' }, 1), event: 'Order Updated' },
    ]);

    expect(await matching(workspace, average(exactly(5_000)))).toEqual(['u1']);
  });
});

describe('a sum of amounts', () => {
  it("accepts decimals in texts, and leaves out other currencies than the workspace's", async () => {
    const workspace = await createShop(shop);

    await expectEverywhere(workspace, sum(exactly(180)), ['u1']);
    await expectEverywhere(workspace, sum(exactly(180), { window: { within: 'P1Y' } }), ['u1']);
    await expectEverywhere(workspace, sum(exactly(0)), ['u2', 'u3']);
  });

  it('is that of another currency if the condition requires it', async () => {
    const workspace = await createShop(shop);

    await expectEverywhere(workspace, sum(exactly(100), inCurrency('USD')), ['u1', 'u2']);
    const either = (...codes: string[]) => ({
      where: [{ name: 'currency', is: { text: { in: codes } } }],
    });
    await expectEverywhere(workspace, sum(exactly(100), either('USD')), ['u1', 'u2']);
    await expectEverywhere(workspace, sum(exactly(180), either('USD', 'EUR')), ['u1']);
  });

  it.each([
    ['JPY', ['99.5', 0.4, 100], 200],
    ['KWD', ['1.2345', 0.001], 1.236],
    ['EUR', [1.005, '1.005'], 2.02],
  ])('rounds each amount to the decimals of %s, as revenue does', async (currency, totals, is) => {
    const workspace = await createShop(
      totals.map((total) => order('u1', total)),
      currency,
    );

    await expectEverywhere(workspace, sum(exactly(is)), ['u1']);
  });

  it('sums numbers in the properties of other events as they are, also in texts', async () => {
    const views = ['1.005', 2, 'many', null].map((total) => ({
      ...order('u1', total, { currency: 'JPY' }),
      event: 'Quoted',
    }));
    const workspace = await createShop(views);

    await expectEverywhere(workspace, sum(exactly(3.005), { event: ['Quoted'] }), ['u1']);
  });

  it('takes the least and the greatest amount of one currency', async () => {
    const workspace = await createShop(shop);
    const measure = (kind: string, is: object) => ({
      did: { event: ['Order Completed'], measure: { [kind]: { property: 'total', is } } },
    });

    await expectEverywhere(workspace, measure('min', exactly(80)), ['u1']);
    await expectEverywhere(workspace, measure('max', { atLeast: 0 }), ['u1']);
  });
});

interface Value {
  historic: { decimal: string };
  predicted: { amount: string } | null;
  atLastOrder: { amount: string } | null;
}

describe('lifetime value', () => {
  const lifetimeValueOf = async (workspace: TestWorkspace, userId: string) => {
    const { customer } = await workspace.query<{ customer: { lifetimeValue: Value } }>(
      `query ($userId: String!) { customer(by: { userId: $userId }) { lifetimeValue {
        historic { decimal } predicted { amount } atLastOrder { amount } } } }`,
      { userId },
    );
    return customer.lifetimeValue;
  };

  it("averages the repeat orders in the workspace's currency, and expects as many of them", async () => {
    const workspace = await createShop(shop);

    const [first, last] = [begin, begin + 20 * day];
    const activity = { x: 2, first, last, valuedDays: 2, repeatValue: 8_000 };
    const predicted = valueAt(exampleModel, activity, now.getTime());
    const atLastOrder = valueAt(exampleModel, activity, last);
    expect(await lifetimeValueOf(workspace, 'u1')).toEqual({
      historic: { decimal: '180.00' },
      predicted: { amount: String(predicted) },
      atLastOrder: { amount: String(atLastOrder) },
    });
    expect(await matching(workspace, { lifetimeValue: exactly(atLastOrder ?? 0) })).toEqual(['u1']);
  });

  it('is not predicted for a customer with orders in other currencies only', async () => {
    const workspace = await createShop(shop);
    const nothing = { historic: { decimal: '0.00' }, predicted: null, atLastOrder: null };

    expect(await lifetimeValueOf(workspace, 'u2')).toEqual(nothing);
    expect(await matching(workspace, { lifetimeValue: { atLeast: 0 } })).toEqual(['u1']);
  });

  it("divides the predictions of a group by its buyers in the workspace's currency", async () => {
    const workspace = await createShop(shop);

    const { lifetimeValues } = await workspace.query<{ lifetimeValues: Record<string, unknown> }>(
      '{ lifetimeValues { buyers historic { decimal } predicted { amount } predictedPerBuyer { amount } } }',
    );

    expect(lifetimeValues).toMatchObject({ buyers: 2, historic: { decimal: '180.00' } });
    expect(lifetimeValues['predictedPerBuyer']).toEqual(lifetimeValues['predicted']);
    const { predicted } = await lifetimeValueOf(workspace, 'u1');
    expect(lifetimeValues['predicted']).toEqual(predicted);
  });
});
