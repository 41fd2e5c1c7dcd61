import fc from 'fast-check';
import { expect, it } from 'vitest';
import { recomputeFacts } from '../../../src/engine/customers/recompute-facts.ts';
import { sql } from '../../../src/platform/sql.ts';
import { factsOf } from '../../support/customer-facts.ts';
import {
  type CorrectReport,
  correctReports,
  type OrderReport,
} from '../../support/reference-orders.ts';
import { createBuiltSegment } from '../../support/segments.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const runs = Number(process.env['STAGELINE_PROPERTY_RUNS'] ?? 40);
const timeoutMs = 60_000 + runs * 2_000;
const bounds = { interruptAfterTimeLimit: timeoutMs * 0.8, markInterruptAsFailure: true };

const start = Date.UTC(2025, 0, 1, 12);
const at = (minute: number) => new Date(start + minute * 60_000).toISOString();

interface Sent {
  report: OrderReport;
  /** Otherwise the visitor that the user turns out to be. */
  isUser: boolean;
}

const fields = fc.record(
  {
    total: fc.integer({ min: 0, max: 90 }),
    currency: fc.constantFrom('USD' as const, 'EUR' as const),
    status: fc.constantFrom('pending' as const, 'paid' as const),
    test: fc.constantFrom(false, false, false, true),
    refund_id: fc.constantFrom('r1', 'r2'),
  },
  { requiredKeys: [] },
);
const report: fc.Arbitrary<OrderReport> = fc.record({
  event: fc.oneof(
    { weight: 5, arbitrary: fc.constant('Order Completed' as const) },
    { weight: 2, arbitrary: fc.constant('Order Updated' as const) },
    { weight: 1, arbitrary: fc.constant('Order Cancelled' as const) },
    { weight: 3, arbitrary: fc.constant('Order Refunded' as const) },
  ),
  orderId: fc.constantFrom('A', 'B', 'C'),
  minute: fc.integer({ min: 0, max: 40 }),
  fields,
});
const histories = fc.record({
  sent: fc.array(fc.record({ report, isUser: fc.boolean() }), { minLength: 1, maxLength: 14 }),
  /** Before which call visitor and user turn out to be one. */
  joinedAt: fc.nat(14),
  batches: fc.array(fc.integer({ min: 1, max: 6 })),
  undoes: fc.boolean(),
});

const toCall = (
  { report: { event, orderId, minute, fields: own }, isUser }: Sent,
  index: number,
) => ({
  ...{ type: 'track', event, messageId: `m${index}`, timestamp: at(minute) },
  ...(isUser ? { userId: 'u1' } : { anonymousId: 'a1' }),
  properties: { order_id: orderId, ...own },
});

const join = {
  type: 'identify',
  userId: 'u1',
  anonymousId: 'a1',
  messageId: 'join',
  timestamp: at(0),
};

const toCorrectCall = ({ event, minute, properties }: CorrectReport, index: number) => ({
  ...{ type: 'track', userId: 'u1', event, properties, timestamp: at(minute) },
  messageId: `c${index}`,
});

async function sendInBatches(workspace: TestWorkspace, calls: object[], sizes: readonly number[]) {
  const left = [...calls];
  for (const size of [...sizes, calls.length]) {
    if (left.length === 0) return;
    const { body } = await workspace.send(left.splice(0, size));
    for (const { status, message } of body.results)
      expect([status, message]).toEqual(['accepted', undefined]);
  }
}

const filters = {
  Frequent: { fact: { orderCount: { atLeast: 2 } } },
  Rich: {
    did: {
      event: ['Order Completed'],
      measure: { sum: { property: 'total', is: { atLeast: 60 } } },
    },
  },
  Refunded: { fact: { refunded: { above: 0 } } },
};

/** Segments whose members orders decide. */
async function newShop() {
  const workspace = await newWorkspace(server);
  for (const [name, filter] of Object.entries(filters)) {
    await createBuiltSegment(workspace, name, filter);
  }
  return workspace;
}

/** What orders decide about a customer: facts, stage and segments. */
async function moneyOf(workspace: TestWorkspace, by: Parameters<typeof factsOf>[1]) {
  const { customer } = await workspace.query<{
    customer: { segments: Array<{ segment: { key: string } }> };
  }>('query ($by: CustomerBy!) { customer(by: $by) { segments { segment { key } } } }', { by });
  const segments = customer.segments.map(({ segment }) => segment.key).toSorted();
  const {
    stage,
    orderCount,
    firstOrderAt,
    lastOrderAt,
    grossRevenue,
    refunded,
    netRevenue,
    foreignRevenue,
  } = await factsOf(workspace, by);
  const foreign = (
    foreignRevenue as Array<{
      currency: string;
      net: { amount: string };
      gross: { amount: string };
    }>
  ).filter(({ gross }) => gross.amount !== '0');
  const facts = { orderCount, firstOrderAt, lastOrderAt, grossRevenue, refunded, netRevenue };
  return { ...facts, foreign, segments, stage: orderCount > 0 ? stage : undefined };
}

const countOrders = async (workspace: TestWorkspace, equals: number) => {
  const where = { did: { event: ['Order Completed'], measure: { count: { equals } } } };
  const query = 'query ($where: CustomerFilter) { customers(where: $where) { totalCount } }';
  return workspace.query(query, { where });
};

/** What one correct report of each order gives, in a workspace of its own. */
async function expected(reports: readonly OrderReport[]) {
  const workspace = await newShop();
  const identify = { type: 'identify', userId: 'u1', messageId: 'known', timestamp: at(0) };
  const correct = correctReports(reports).toSorted((a, b) => a.minute - b.minute);
  await sendInBatches(workspace, [identify, ...correct.map(toCorrectCall)], []);
  return moneyOf(workspace, { userId: 'u1' });
}

const recomputeAll = ({ id, timeZone }: TestWorkspace) =>
  server.database.inWorkspace(id, async (db) => {
    const { rows } = await db.query<{ id: string }>(
      sql`select id from customer where workspace_id = ${id} and merged_into is null`,
    );
    await recomputeFacts(
      db,
      rows.map((row) => row.id),
      timeZone,
    );
  });

it(
  'counts each order as one correct report of it would, however it is reported',
  async () => {
    const property = fc.asyncProperty(histories, async ({ sent, joinedAt, batches, undoes }) => {
      const workspace = await newShop();
      const calls: object[] = sent.map(toCall);
      calls.splice(Math.min(joinedAt, calls.length), 0, join);
      await sendInBatches(workspace, calls, batches);
      const all = sent.map((one) => one.report);

      const money = await moneyOf(workspace, { userId: 'u1' });
      expect(money).toEqual(await expected(all));
      expect(await countOrders(workspace, money.orderCount)).toEqual({
        customers: { totalCount: 1 },
      });

      if (undoes) await expectSeparated(workspace, sent);
    });
    await fc.assert(property, { numRuns: runs, ...bounds });
  },
  timeoutMs,
);

/** An order belongs to the customer whose report arrived first; reports of the other one change nothing. */
async function expectSeparated(workspace: TestWorkspace, sent: readonly Sent[]) {
  const { customer } = await workspace.query<{ customer: { merges: Array<{ id: string }> } }>(
    '{ customer(by: { userId: "u1" }) { merges { id } } }',
  );
  const [merge] = customer.merges;
  if (!merge) return;
  const text = 'mutation ($merge: ID!) { undoMerge(merge: $merge) { __typename } }';
  await workspace.query(text, { merge: merge.id });
  const firstBy = new Map(sent.toReversed().map((one) => [one.report.orderId, one.isUser]));
  const ownOf = (isUser: boolean) =>
    sent
      .filter((one) => one.isUser === isUser && firstBy.get(one.report.orderId) === isUser)
      .map((one) => one.report);

  const read = async () => [
    await moneyOf(workspace, { userId: 'u1' }),
    await moneyOf(workspace, { anonymousId: 'a1' }),
  ];
  const money = await read();
  expect(money).toEqual([await expected(ownOf(true)), await expected(ownOf(false))]);
  await recomputeAll(workspace);
  expect(await read()).toEqual(money);
}
