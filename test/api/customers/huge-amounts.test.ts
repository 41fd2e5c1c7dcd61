import { beforeAll, expect, it } from 'vitest';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

/** The maximum of one order in major units, and of sums in minor units. */
const largest = 1e13;
const limit = '999999999999999999';
const users = Array.from({ length: 10 }, (_, index) => `user-${index}`);
const ordersEach = 1_001;

interface Result {
  status: string;
  code?: string;
}

const order = (userId: string, more: object = {}) => ({
  type: 'track',
  event: 'Order Completed',
  userId,
  properties: { total: largest, ...more },
});

let workspace: TestWorkspace;
const results: Result[] = [];

async function send(calls: object[]) {
  const { status, body } = await workspace.send(calls);
  expect([200, 207]).toContain(status);
  results.push(...body.results);
}

const facts = `orderCount grossRevenue { amount } refunded { amount } netRevenue { amount }
  foreignRevenue { currency gross { amount } }`;
const factsOf = async (userId: string) =>
  (await workspace.query(`{ customer(by: { userId: "${userId}" }) { ${facts} } }`))['customer'];

beforeAll(async () => {
  workspace = await newWorkspace(server, { currency: 'USD' });
  for (const user of users) {
    const calls = Array.from({ length: ordersEach }, () => order(user));
    await send([
      ...calls,
      order(user, { total: largest + 1 }),
      order(`small-${user}`, { total: 5 }),
    ]);
  }
}, 60_000);

it('accepts orders whose sum overflows and refuses only invalid amounts', () => {
  const refused = results.filter(({ status }) => status === 'refused');

  expect(results.length).toBe(users.length * (ordersEach + 2));
  expect(refused.map(({ code }) => code)).toEqual(users.map(() => 'INVALID_EVENT'));
});

it('caps sums of money at 10^18 minor units and keeps counting', async () => {
  await send([{ ...order('user-0'), event: 'Order Refunded' }]);

  expect(await factsOf('user-0')).toEqual({
    orderCount: ordersEach,
    grossRevenue: { amount: limit },
    refunded: { amount: '1000000000000000' },
    netRevenue: { amount: '998999999999999999' },
    foreignRevenue: [],
  });
  expect(await factsOf('small-user-0')).toMatchObject({ netRevenue: { amount: '500' } });
});

it('caps sums in other currencies across batches', async () => {
  const calls = Array.from({ length: 600 }, () => order('abroad', { currency: 'EUR' }));

  await send(calls);
  await send(calls);

  expect(await factsOf('abroad')).toMatchObject({
    orderCount: 1_200,
    foreignRevenue: [{ currency: 'EUR', gross: { amount: limit } }],
  });
});

it('caps sums of merged customers', async () => {
  const visitor = (count: number) =>
    Array.from({ length: count }, () => ({ ...order('x'), userId: undefined, anonymousId: 'v' }));
  await send(visitor(1_001));
  await send([{ type: 'alias', userId: 'user-1', previousId: 'v' }]);

  expect(await factsOf('user-1')).toMatchObject({
    orderCount: 2 * ordersEach,
    grossRevenue: { amount: limit },
  });
});

interface Page {
  customers: {
    nodes: Array<{ userId: string }>;
    pageInfo: { endCursor: string; hasNextPage: boolean };
  };
}

const nextPage = `query ($after: String) {
  customers(first: 3, after: $after, orderBy: { field: NET_REVENUE }) {
    nodes { userId } pageInfo { endCursor hasNextPage } } }`;

it('sums all customers, and pages past the largest sums', async () => {
  const { workspace: totals } = await workspace.query<{
    workspace: { totals: { netRevenue: { amount: string } } };
  }>('{ workspace { totals { netRevenue { amount } } } }');
  expect(BigInt(totals.totals.netRevenue.amount)).toBeGreaterThan(9n * BigInt(limit));

  const seen: string[] = [];
  let after: string | null = null;
  do {
    const { customers }: Page = await workspace.query(nextPage, { after });
    seen.push(...customers.nodes.map(({ userId }) => userId));
    after = customers.pageInfo.hasNextPage ? customers.pageInfo.endCursor : null;
  } while (after !== null);
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen).toEqual(expect.arrayContaining(users));
});
