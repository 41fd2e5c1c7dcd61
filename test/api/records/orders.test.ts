import { describe, expect, it } from 'vitest';
import { createKey } from '../../../src/access/keys.ts';
import { factsOf } from '../../support/customer-facts.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

let sent = 0;
const call = (event: string, properties: object, more: object = {}) => ({
  ...{ type: 'track', userId: 'u1', event, properties, messageId: `m${++sent}` },
  ...{ timestamp: new Date(Date.UTC(2025, 0, 1) + sent * 60_000).toISOString(), ...more },
});
const order = (properties: object, more: object = {}) => call('Order Completed', properties, more);

async function send(workspace: TestWorkspace, calls: object[]) {
  const { body } = await workspace.send(calls);
  expect(body.results.filter(({ status }: { status: string }) => status !== 'accepted')).toEqual(
    [],
  );
}

async function read(
  workspace: TestWorkspace,
  by: Parameters<typeof factsOf>[1] = { userId: 'u1' },
) {
  const { orderCount, netRevenue, stage } = await factsOf(workspace, by);
  return [orderCount, netRevenue.formatted, stage.stage.key];
}

const find = async (workspace: TestWorkspace, where: object) => {
  const query = 'query ($where: CustomerFilter) { customers(where: $where) { totalCount } }';
  const { customers } = await workspace.query<{ customers: { totalCount: number } }>(query, {
    where,
  });
  return customers.totalCount;
};

/** Each list of calls in one batch, and each call in a batch of its own. */
const batchings: Array<[string, (calls: object[]) => object[][]]> = [
  ['in one batch', (calls) => [calls]],
  ['in batches of their own', (calls) => calls.map((one) => [one])],
];

describe.each(batchings)('orders reported %s', (_how, toBatches) => {
  const report = async (calls: object[]) => {
    const workspace = await newWorkspace(server);
    for (const batch of toBatches(calls)) await send(workspace, batch);
    return workspace;
  };

  it('count once for each order_id', async () => {
    const workspace = await report([
      order({ order_id: 'A-100', total: 50 }),
      order({ order_id: 'A-100', total: 50 }),
    ]);

    expect(await read(workspace)).toEqual([1, '50.00 USD', 'CONVERSION']);
  });

  it('are the same by a number and its text', async () => {
    const workspace = await report([
      order({ order_id: 5001, total: 12 }),
      order({ order_id: '5001', total: 12 }),
    ]);

    expect(await read(workspace)).toEqual([1, '12.00 USD', 'CONVERSION']);
  });

  it('count each by itself without an order_id', async () => {
    const workspace = await report([order({ total: 5 }), order({ total: 5 })]);

    expect(await read(workspace)).toEqual([2, '10.00 USD', 'RETENTION']);
  });

  it('have the amount of the latest report, also where conditions read it', async () => {
    const workspace = await report([
      order({ order_id: 'A', total: 50, category: 'books' }),
      order({ order_id: 'B', total: 7 }),
      order({ order_id: 'A', total: 60 }),
    ]);

    expect(await read(workspace)).toEqual([2, '67.00 USD', 'RETENTION']);
    const did = (more: object) => ({ did: { event: ['Order Completed'], ...more } });
    const sum = (equals: number) =>
      did({ measure: { sum: { property: 'total', is: { equals } } } });
    expect(await find(workspace, sum(67))).toBe(1);
    expect(await find(workspace, did({ measure: { count: { equals: 2 } } }))).toBe(1);
    const books = { where: [{ name: 'category', is: { text: { equals: 'books' } } }] };
    expect(await find(workspace, did({ ...books, measure: { count: { equals: 1 } } }))).toBe(1);
  });

  it('are given back whole by their id, or in parts', async () => {
    const workspace = await report([
      order({ order_id: 'R1', total: 40 }),
      call('Order Refunded', { order_id: 'R1', total: 15, refund_id: 1 }),
      call('Order Refunded', { order_id: 'R1', total: 15, refund_id: 1 }),
    ]);
    expect(await read(workspace)).toEqual([1, '25.00 USD', 'CONVERSION']);

    await send(workspace, [call('Order Refunded', { order_id: 'R1' })]);

    expect(await read(workspace)).toEqual([1, '0.00 USD', 'CONVERSION']);
  });

  it('are taken off when they are cancelled, with their refunds', async () => {
    const workspace = await report([
      order({ order_id: 'R1', total: 40 }),
      order({ order_id: 'R2', total: 4 }),
      call('Order Refunded', { order_id: 'R1', total: 15 }),
      call('Order Cancelled', { order_id: 'R1' }),
    ]);

    expect(await read(workspace)).toEqual([1, '4.00 USD', 'CONVERSION']);
  });

  it('of an anonymous visitor and the user it becomes are one', async () => {
    const visitor = { userId: undefined, anonymousId: 'a1' };
    const workspace = await report([
      order({ order_id: 'A', total: 40 }, visitor),
      order({ order_id: 'A', total: 50 }),
      { type: 'identify', userId: 'u1', anonymousId: 'a1', messageId: `m${++sent}` },
    ]);

    expect(await read(workspace)).toEqual([1, '50.00 USD', 'CONVERSION']);
  });

  it('stay with the first of two customers', async () => {
    const workspace = await report([
      order({ order_id: 'A', total: 40 }),
      order({ order_id: 'A', total: 50 }, { userId: 'u2' }),
    ]);

    expect(await read(workspace)).toEqual([1, '40.00 USD', 'CONVERSION']);
    expect(await read(workspace, { userId: 'u2' })).toEqual([0, '0.00 USD', 'ACQUISITION']);
  });
});

const visitor = { userId: undefined, anonymousId: 'a1' };
const page = (more: object) => ({ type: 'page', messageId: `m${++sent}`, ...more });

async function mergesOf(workspace: TestWorkspace) {
  const { customer } = await workspace.query<{
    customer: { merges: Array<{ id: string; undoneAt: string | null }> };
  }>('{ customer(by: { userId: "u1" }) { merges { id undoneAt } } }');
  return customer.merges.flatMap(({ id, undoneAt }) => (undoneAt === null ? [id] : []));
}

describe('a visitor and a user for whom servers report the same order', () => {
  const byVisitor = (total = 40) => order({ order_id: 'A', total }, visitor);
  const byUser = (total = 50) => order({ order_id: 'A', total });
  const knownVisitor = () => page({ anonymousId: 'a1' });
  const knownUser = () => page({ userId: 'u1' });

  it.each([
    ['both known', () => [knownVisitor(), knownUser(), byVisitor(), byUser()]],
    ['the user first', () => [knownVisitor(), knownUser(), byUser(40), byVisitor(50)]],
    ['the user new', () => [byVisitor(), byUser()]],
    ['the visitor new', () => [byUser(40), byVisitor(50)]],
  ] as Array<[string, () => object[]]>)('are one, which can be undone: %s', async (_how, calls) => {
    for (const [, toBatches] of batchings) {
      const workspace = await newWorkspace(server);
      for (const batch of toBatches(calls())) await send(workspace, batch);
      expect(await read(workspace)).toEqual([1, '50.00 USD', 'CONVERSION']);
      expect(await read(workspace, { anonymousId: 'a1' })).toEqual(await read(workspace));
      const merges = await mergesOf(workspace);
      expect(merges).toHaveLength(1);

      await workspace.query('mutation ($merge: ID!) { undoMerge(merge: $merge) { __typename } }', {
        merge: merges[0],
      });

      const owners = [await read(workspace), await read(workspace, { anonymousId: 'a1' })];
      expect(owners.map(([count]) => count).toSorted()).toEqual([0, 1]);
      await send(workspace, [byUser()]);
      expect(await mergesOf(workspace)).toEqual([]);
    }
  });

  it('stay two if one of the reports is of a browser, or if they are two visitors', async () => {
    const workspace = await newWorkspace(server);
    const { key } = await createKey(server.database, workspace.id, {
      name: 'site',
      scopes: ['collect'],
    });
    await workspace.send([byVisitor()], key);
    await send(workspace, [byUser(), order({ order_id: 'B', total: 1 }, visitor)]);
    await send(workspace, [order({ order_id: 'B', total: 1 }, { ...visitor, anonymousId: 'a2' })]);

    expect(await mergesOf(workspace)).toEqual([]);
    expect(await read(workspace, { anonymousId: 'a2' })).toEqual([0, '0.00 USD', 'REACH']);
  });

  it('give the order back to the visitor when their merge by a call is undone', async () => {
    const workspace = await newWorkspace(server);
    await send(workspace, [
      ...[knownVisitor(), knownUser(), byVisitor()],
      call('Visited', {}, { anonymousId: 'a1' }),
      byUser(),
    ]);

    await workspace.query('mutation ($merge: ID!) { undoMerge(merge: $merge) { __typename } }', {
      merge: (await mergesOf(workspace))[0],
    });

    expect(await read(workspace, { anonymousId: 'a1' })).toEqual([1, '40.00 USD', 'CONVERSION']);
    expect(await read(workspace)).toEqual([0, '0.00 USD', 'ACQUISITION']);
  });
});

it('takes an order away that exists only while two customers are merged', async () => {
  const workspace = await newWorkspace(server);
  await send(workspace, [
    ...[page({ anonymousId: 'a1' }), page({ userId: 'u1' })],
    call('Visited', {}, { anonymousId: 'a1' }),
    call('Order Updated', { order_id: 'A', total: 9 }, visitor),
    order({ order_id: 'A', total: 5 }, { timestamp: new Date(Date.UTC(2024, 0, 1)).toISOString() }),
  ]);
  expect(await workspace.query('{ order(orderId: "A") { status } }')).toEqual({
    order: { status: 'PLACED' },
  });

  await workspace.query('mutation ($merge: ID!) { undoMerge(merge: $merge) { __typename } }', {
    merge: (await mergesOf(workspace))[0],
  });

  expect(await workspace.query('{ order(orderId: "A") { status } }')).toEqual({ order: null });
});

it('lists the report of a second user as rejected', async () => {
  const workspace = await newWorkspace(server);
  await send(workspace, [
    order({ order_id: 'A', total: 40 }),
    order({ order_id: 'A', total: 50 }, { userId: 'u2', messageId: 'second' }),
  ]);

  const listed = '{ rejectedEvents { edges { node { code message messageId event } } } }';
  const { rejectedEvents } = await workspace.query<{
    rejectedEvents: { edges: Array<{ node: { event: string } }> };
  }>(listed);
  expect(rejectedEvents.edges).toMatchObject([
    { node: { code: 'RECORD_OF_OTHER_CUSTOMER', messageId: 'second' } },
  ]);
  expect(JSON.parse(rejectedEvents.edges[0]?.node.event ?? '')).toMatchObject({
    userId: 'u2',
    properties: { order_id: 'A', total: 50 },
  });
});

describe('an order that a browser opened', () => {
  const browserKey = async ({ id }: TestWorkspace) =>
    (await createKey(server.database, id, { name: 'site', scopes: ['collect'] })).key;

  it('belongs to the customer that a server names', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send(
      [order({ order_id: 'A', total: 40 }, visitor)],
      await browserKey(workspace),
    );
    expect(await read(workspace, { anonymousId: 'a1' })).toEqual([1, '40.00 USD', 'CONVERSION']);

    await send(workspace, [order({ order_id: 'A', total: 50 })]);

    expect(await read(workspace)).toEqual([1, '50.00 USD', 'CONVERSION']);
    expect(await read(workspace, { anonymousId: 'a1' })).toEqual([0, '0.00 USD', 'REACH']);
  });

  it('is not hidden by any number of reports of browsers', async () => {
    const workspace = await newWorkspace(server);
    const key = await browserKey(workspace);
    const flood = Array.from({ length: 150 }, () => order({ order_id: 'A', total: 1 }, visitor));
    const updates = flood.map(() => call('Order Updated', { order_id: 'B' }, visitor));
    await workspace.send([...flood, ...updates], key);

    await send(workspace, [
      order({ order_id: 'A', total: 50 }),
      order({ order_id: 'B', total: 7 }),
    ]);

    expect(await read(workspace)).toEqual([2, '57.00 USD', 'RETENTION']);
  });
});

describe('the order as an object', () => {
  const fields = `orderId status placedAt amount { formatted } tax { formatted } customer { name }`;

  it('is found by its id, among those of its customer, and by its global id', async () => {
    const workspace = await newWorkspace(server);
    await send(workspace, [
      { type: 'identify', userId: 'u1', traits: { name: 'Ada' }, messageId: 'ada' },
      order({ order_id: 'A', total: 12, tax: 2 }),
      order({ total: 5 }),
      call('Order Cancelled', { order_id: 'A' }),
    ]);
    const text = `{ order(orderId: " A ") { id ${fields} }
      customer(by: { userId: "u1" }) { orders(first: 1) { pageInfo { endCursor hasNextPage }
        edges { node { amount { formatted } } } } } }`;

    const { order: found, customer } = await workspace.query<{
      order: { id: string };
      customer: { orders: { pageInfo: { endCursor: string } } };
    }>(text);

    const expected = {
      ...{ orderId: 'A', status: 'CANCELLED', amount: { formatted: '10.00 USD' } },
      ...{ tax: { formatted: '2.00 USD' }, customer: { name: 'Ada' } },
    };
    expect(found).toMatchObject(expected);
    expect(customer.orders).toMatchObject({
      pageInfo: { hasNextPage: true },
      edges: [{ node: { amount: { formatted: '5.00 USD' } } }],
    });
    const rest = `query ($id: ID!, $after: String) { node(id: $id) { ... on Order { ${fields} } }
      customer(by: { userId: "u1" }) { orders(after: $after) { edges { node { orderId } } } } }`;
    const { endCursor: after } = customer.orders.pageInfo;
    expect(await workspace.query(rest, { id: found.id, after })).toMatchObject({
      node: expected,
      customer: { orders: { edges: [{ node: { orderId: 'A' } }] } },
    });
  });

  it('belongs to its workspace alone', async () => {
    const [own, other] = [await newWorkspace(server), await newWorkspace(server)];
    await send(own, [order({ order_id: 'A', total: 12 })]);

    expect(await other.query('{ order(orderId: "A") { id } }')).toEqual({ order: null });
  });

  it('does not exist before an Order Completed', async () => {
    const workspace = await newWorkspace(server);
    await send(workspace, [call('Order Updated', { order_id: 'A', total: 12 })]);
    expect(await workspace.query('{ order(orderId: "A") { id } }')).toEqual({ order: null });

    await send(workspace, [order({ order_id: 'A' }, { timestamp: '2025-01-01T00:00:00Z' })]);

    expect(await workspace.query('{ order(orderId: "A") { amount { formatted } } }')).toEqual({
      order: { amount: { formatted: '12.00 USD' } },
    });
  });
});

it.each([
  ['tax', 'a lot'],
  ['total', -1],
  ['currency', 'euro'],
])('refuses an order whose %s is %j, naming the property', async (property, value) => {
  const workspace = await newWorkspace(server);

  const { body } = await workspace.send([order({ order_id: 'A', [property]: value })]);

  expect(body.results[0]).toMatchObject({ code: 'INVALID_EVENT' });
  expect(body.results[0].message).toContain(`properties.${property}`);
});
