import { beforeAll, describe, expect, it } from 'vitest';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

/** The maximum of one order in major units, and of sums in minor units. */
const largest = 1e13;
const limit = '999999999999999999';
/** So many of the largest orders fit into a sum. */
const fitting = 999;
const users = Array.from({ length: 10 }, (_, index) => `user-${index}`);

interface Result {
  status: string;
  code?: string;
  message?: string;
}

const order = (userId: string, more: object = {}) => ({
  type: 'track',
  event: 'Order Completed',
  userId,
  properties: { total: largest, ...more },
});
const refund = (userId: string, more: object = {}) => ({
  ...order(userId, more),
  event: 'Order Refunded',
});
const many = (count: number, call: object) => Array.from({ length: count }, () => call);

async function send(workspace: TestWorkspace, calls: object[]): Promise<Result[]> {
  const { status, body } = await workspace.send(calls);
  expect([200, 207, 400]).toContain(status);
  return body.results;
}

const outcomes = (results: Result[]) => results.map(({ status, code }) => code ?? status);

const facts = `orderCount grossRevenue { amount } refunded { amount } netRevenue { amount }
  foreignRevenue { currency gross { amount } }`;
const factsOf = async (workspace: TestWorkspace, userId: string) =>
  (await workspace.query(`{ customer(by: { userId: "${userId}" }) { ${facts} } }`))['customer'];

const createShop = () => newWorkspace(server, { currency: 'USD' });

describe('an event that would raise a sum beyond 10^18 - 1 minor units', () => {
  it('is refused with a sentence and listed, and the others of its batch are stored', async () => {
    const workspace = await createShop();

    const results = await send(workspace, [
      ...many(fitting, order('ada')),
      order('ben', { total: 5 }),
      order('ada'),
      order('ada', { total: 7 }),
      { type: 'identify', userId: 'ada', traits: { name: 'Ada' } },
      order('ada'),
    ]);

    expect(outcomes(results.slice(fitting))).toEqual([
      ...['accepted', 'SUM_TOO_LARGE', 'accepted', 'accepted', 'SUM_TOO_LARGE'],
    ]);
    expect(results.at(-1)?.message).toContain(`would exceed ${limit} minor units`);
    expect(await factsOf(workspace, 'ada')).toMatchObject({
      orderCount: fitting + 1,
      grossRevenue: { amount: '999000000000000700' },
    });
    expect(await factsOf(workspace, 'ben')).toMatchObject({ grossRevenue: { amount: '500' } });
    await server.ingest.idle();
    const { rejectedEvents } = await workspace.query<{ rejectedEvents: { nodes: object[] } }>(
      '{ rejectedEvents { nodes { code } } }',
    );
    expect(rejectedEvents.nodes).toEqual(many(2, { code: 'SUM_TOO_LARGE' }));
  });

  it('is accepted if the sum is exactly the maximum', async () => {
    const workspace = await createShop();
    await send(workspace, many(fitting, order('ada')));

    const results = await send(workspace, [
      order('ada', { total: '9999999999999.99' }),
      order('ada', { total: '0.01' }),
      order('ada', { total: 0 }),
    ]);

    expect(outcomes(results)).toEqual(['accepted', 'SUM_TOO_LARGE', 'accepted']);
    expect(await factsOf(workspace, 'ada')).toMatchObject({ grossRevenue: { amount: limit } });
  });

  it('may be sent again with the same messageId and a smaller amount', async () => {
    const workspace = await createShop();
    await send(workspace, many(fitting, order('ada')));
    const messageId = 'once';

    const results = [
      await send(workspace, [{ ...order('ada'), messageId }]),
      await send(workspace, [{ ...order('ada', { total: 1 }), messageId }]),
    ];

    expect(results.map(outcomes)).toEqual([['SUM_TOO_LARGE'], ['accepted']]);
  });

  it('counts the sums of each currency, and of refunds, for themselves', async () => {
    const workspace = await createShop();
    const euros = order('ada', { currency: 'EUR' });

    const results = [
      ...(await send(workspace, many(600, euros))),
      ...(await send(workspace, many(600, euros))),
      ...(await send(workspace, many(fitting + 1, refund('ada')))),
      ...(await send(workspace, many(fitting, order('ada')))),
    ];

    const refused = results.flatMap(({ status }, index) => (status === 'refused' ? [index] : []));
    const excess = Array.from({ length: 201 }, (_, index) => fitting + index);
    expect(refused).toEqual([...excess, 1_200 + fitting]);
    expect(await factsOf(workspace, 'ada')).toMatchObject({
      orderCount: 2 * fitting,
      grossRevenue: { amount: '999000000000000000' },
      refunded: { amount: '999000000000000000' },
      foreignRevenue: [{ currency: 'EUR', gross: { amount: '999000000000000000' } }],
    });
  });

  it('may be a correction: the order keeps its amount, until a correction fits', async () => {
    const workspace = await createShop();
    const updated = (total: number) => ({
      ...order('ada', { order_id: 'A-1', total }),
      event: 'Order Updated',
    });
    await send(workspace, [
      ...many(fitting, order('ada')),
      order('ada', { order_id: 'A-1', total: 2 }),
    ]);

    const results = await send(workspace, [
      updated(largest),
      order('ada', { total: 1 }),
      updated(3),
      order('ada', { order_id: 'A-1', total: largest }),
    ]);

    expect(outcomes(results)).toEqual(['SUM_TOO_LARGE', 'accepted', 'accepted', 'SUM_TOO_LARGE']);
    expect(await factsOf(workspace, 'ada')).toMatchObject({
      orderCount: fitting + 2,
      grossRevenue: { amount: '999000000000000400' },
    });
    const { order: kept } = await workspace.query<{ order: object }>(
      '{ order(orderId: "A-1") { amount { decimal } } }',
    );
    expect(kept).toEqual({ amount: { decimal: '3.00' } });
  });

  it('creates no customer and no identity', async () => {
    const workspace = await createShop();
    await send(workspace, many(fitting, order('ada')));

    const both = { ...order('ada'), anonymousId: 'visitor' };
    expect(outcomes(await send(workspace, [both]))).toEqual(['SUM_TOO_LARGE']);

    expect(await workspace.query('{ customer(by: { anonymousId: "visitor" }) { id } }')).toEqual({
      customer: null,
    });
  });
});

it('refuses a refund whose lines sum up to more than one order may have', async () => {
  const workspace = await createShop();
  const products = [{ price: largest, quantity: 2 ** 31 - 1 }];

  const results = await send(workspace, [
    refund('ada', { total: undefined, products }),
    refund('ada', { total: undefined, products: [{ price: 2, quantity: 3 }] }),
  ]);

  expect(outcomes(results)).toEqual(['INVALID_EVENT', 'accepted']);
  expect(await factsOf(workspace, 'ada')).toMatchObject({ refunded: { amount: '600' } });
});

it('merges customers whose sum is beyond the maximum: it stays there until it fits again', async () => {
  const workspace = await createShop();
  const visitor = { userId: undefined, anonymousId: 'v' };
  await send(workspace, many(fitting, order('ada')));
  await send(workspace, many(fitting, { ...order('x'), ...visitor }));

  const merged = await send(workspace, [
    { type: 'alias', userId: 'ada', previousId: 'v' },
    order('ada', { total: 1 }),
    order('ada', { total: 0 }),
  ]);

  expect(outcomes(merged)).toEqual(['accepted', 'SUM_TOO_LARGE', 'accepted']);
  expect(await factsOf(workspace, 'ada')).toMatchObject({
    orderCount: 2 * fitting + 1,
    grossRevenue: { amount: limit },
  });

  const { customer } = await workspace.query<{ customer: { merges: Array<{ id: string }> } }>(
    '{ customer(by: { userId: "ada" }) { merges { id } } }',
  );
  await workspace.query('mutation ($merge: ID!) { undoMerge(merge: $merge) { __typename } }', {
    merge: customer.merges[0]?.id,
  });
  expect(await factsOf(workspace, 'ada')).toMatchObject({
    orderCount: fitting + 1,
    grossRevenue: { amount: '999000000000000000' },
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

describe('many customers with the largest sums', () => {
  let workspace: TestWorkspace;

  beforeAll(async () => {
    workspace = await createShop();
    for (const user of users) await send(workspace, many(fitting, order(user)));
  }, 60_000);

  it('are summed up exactly, and paged through', async () => {
    const { workspace: totals, lifetimeValues } = await workspace.query<{
      workspace: { totals: { netRevenue: { amount: string } } };
      lifetimeValues: { historic: { amount: string } };
    }>(`{ workspace { totals { netRevenue { amount } } }
      lifetimeValues { historic { amount } } }`);
    const sum = { amount: '9990000000000000000' };
    expect(totals.totals.netRevenue).toEqual(sum);
    expect(lifetimeValues.historic).toEqual(sum);

    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { customers }: Page = await workspace.query(nextPage, { after });
      seen.push(...customers.nodes.map(({ userId }) => userId));
      after = customers.pageInfo.hasNextPage ? customers.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen.toSorted()).toEqual(users);
  });
});
