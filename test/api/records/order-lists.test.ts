import { beforeAll, describe, expect, it } from 'vitest';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const at = (day: number) => new Date(Date.UTC(2025, 0, day)).toISOString();
const call = (event: string, day: number, properties: object, userId = 'u1') => ({
  ...{ type: 'track', userId, event, properties, timestamp: at(day) },
  messageId: `${event} ${userId} ${day}`,
});

const lamp = { product_id: 7, sku: 'LAMP', name: 'Lamp', category: 'Light', price: 20 };

let workspace: TestWorkspace;

beforeAll(async () => {
  workspace = await newWorkspace(server);
  await workspace.send([
    call('Order Completed', 1, { order_id: 'A', total: 45, products: [lamp, { price: '25.00' }] }),
    call('Order Completed', 2, { order_id: 'B', total: 5 }),
    call('Order Completed', 3, { order_id: 'C', total: 6, status: 'pending' }, 'u2'),
    call('Order Completed', 4, { order_id: 'D', total: 7, test: true }, 'u2'),
    call('Order Cancelled', 5, { order_id: 'B' }),
    call('Order Refunded', 6, { order_id: 'A', refund_id: 'r', products: [{ sku: 'LAMP' }] }),
    call('Order Refunded', 7, { order_id: 'A', refund_id: 'r', products: [{ sku: 'LAMP' }] }),
    call('Order Refunded', 8, { order_id: 'A', refund_id: 'guest', total: 1 }),
  ]);
});

interface OrderPage {
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string;
    endCursor: string;
  };
  nodes: Array<{ orderId: string }>;
}
const fields = `pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { orderId }`;
const lists: Array<[string, string, (data: never) => OrderPage]> = [
  ['orders', `orders(ARGS) { ${fields} }`, ({ orders }: { orders: OrderPage }) => orders],
  [
    'the orders of a customer',
    `customer(by: { userId: "u1" }) { orders(ARGS) { ${fields} } }`,
    ({ customer }: { customer: { orders: OrderPage } }) => customer.orders,
  ],
] as never;

describe.each(lists)('%s', (_name, selection, pageOf) => {
  const list = async (args: object) => {
    const query = `query ($first: Int, $after: String, $last: Int, $before: String, $where: OrderFilter)
      { ${selection.replace('ARGS', 'first: $first, after: $after, last: $last, before: $before, where: $where')} }`;
    const page = pageOf((await workspace.query(query, args)) as never);
    return { ...page, ids: page.nodes.map(({ orderId }) => orderId).join('') };
  };

  it('are read in pages, in both directions', async () => {
    const { ids: all } = await list({});
    const first = await list({ first: 1 });
    const rest = await list({ first: 10, after: first.pageInfo.endCursor });
    const last = await list({ last: 1 });
    const before = await list({ last: 10, before: last.pageInfo.startCursor });

    expect(first.ids + rest.ids).toBe(all);
    expect(before.ids + last.ids).toBe(all);
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    expect(all.endsWith('BA')).toBe(true);
  });

  it('are filtered by status and time', async () => {
    expect((await list({ where: { status: ['CANCELLED'] } })).ids).toBe('B');
    expect((await list({ where: { from: at(1), to: at(2) } })).ids).toBe('A');
    expect((await list({ where: { status: [] } })).ids).toBe('');
  });
});

it('lists all orders of the workspace, test orders too unless they are left out', async () => {
  const ids = async (where: object) => {
    const query = 'query ($where: OrderFilter) { orders(where: $where) { nodes { orderId } } }';
    const { orders } = await workspace.query<{ orders: OrderPage }>(query, { where });
    return orders.nodes.map(({ orderId }) => orderId).join('');
  };

  expect(await ids({})).toBe('DCBA');
  expect(await ids({ isTest: false })).toBe('CBA');
  expect(await ids({ status: ['PENDING', 'PLACED'], isTest: false })).toBe('CA');
});

it('shows the lines, refunds and reporting events of an order', async () => {
  const { order } = await workspace.query<{ order: object }>(`{ order(orderId: "A") {
    lines { productId sku name category price { amount } quantity }
    refunds { refundId amount { amount } event { messageId } }
    events { messageId } } }`);

  expect(order).toMatchObject({
    lines: [
      { productId: '7', sku: 'LAMP', category: 'Light', price: { amount: '2000' }, quantity: 1 },
      { productId: null, sku: null, price: { amount: '2500' }, quantity: 1 },
    ],
    refunds: [
      { refundId: 'r', amount: { amount: '2000' }, event: { messageId: 'Order Refunded u1 6' } },
      // An id that stands for nothing is none.
      { amount: { amount: '100' }, event: { messageId: 'Order Refunded u1 8' } },
    ],
    events: [1, 6, 7, 8].map((day) => ({
      messageId: `Order ${day === 1 ? 'Completed' : 'Refunded'} u1 ${day}`,
    })),
  });
});

it('replaces the lines by those of the latest report, and clears them by an empty list', async () => {
  const own = await newWorkspace(server);
  const lines = async () => {
    const query = '{ order(orderId: "L") { lines { sku } } }';
    return (await own.query<{ order: { lines: object[] } }>(query)).order.lines;
  };
  const report = (day: number, products?: object[]) =>
    own.send([call('Order Updated', day, { order_id: 'L', products })]);
  await own.send([call('Order Completed', 1, { order_id: 'L', total: 1, products: [lamp, lamp] })]);
  expect(await lines()).toHaveLength(2);

  await report(2, [{ sku: 'BED' }]);
  await report(3);
  expect(await lines()).toEqual([{ sku: 'BED' }]);

  await report(4, []);
  expect(await lines()).toEqual([]);
});

it('corrects a refund, and replaces the row of an order, by the id shown for one that was reported without', async () => {
  const own = await newWorkspace(server);
  const report = async (...calls: object[]) => {
    const { status, body } = await own.send(calls);
    expect([status, body.results?.length]).toEqual([200, calls.length]);
  };
  const read = async () => {
    const { orders } = await own.query<{
      orders: { nodes: Array<{ orderId: string; refunds: Array<{ refundId: string }> }> };
    }>('{ orders { nodes { orderId lines { sku } refunds { refundId amount { amount } } } } }');
    return orders.nodes;
  };
  await report(
    call('Order Completed', 1, { order_id: 'S', total: 9 }),
    call('Order Refunded', 2, { order_id: 'S', total: 2 }),
    call('Order Completed', 3, { total: 4, products: [lamp] }, 'u2'),
  );
  const [withoutId, refunded] = await read();
  const refundId = refunded?.refunds[0]?.refundId;

  await report(
    call('Order Refunded', 4, { order_id: 'S', refund_id: refundId, total: 3 }),
    call('Order Completed', 5, { order_id: withoutId?.orderId, total: 6, products: [lamp] }, 'u2'),
  );

  expect(await read()).toEqual([
    { orderId: withoutId?.orderId, lines: [{ sku: 'LAMP' }], refunds: [] },
    { orderId: 'S', lines: [], refunds: [{ refundId, amount: { amount: '300' } }] },
  ]);
});

it('refuses an unknown page cursor', async () => {
  await expect(workspace.query('{ orders(after: "x") { nodes { orderId } } }')).rejects.toThrow(
    /cursor does not belong/,
  );
});
