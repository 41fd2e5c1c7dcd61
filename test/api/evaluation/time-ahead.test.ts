import { expect, it } from 'vitest';
import { createBuiltSegment } from '../../support/segments.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const now = new Date('2026-03-01T12:00:00.000Z');
const hour = 3_600_000;
const later = (hours: number) => new Date(now.getTime() + hours * hour);

const order = (timestamp: Date, more: object = {}) => ({
  type: 'track',
  userId: 'fut',
  event: 'Order Completed',
  properties: { total: 10 },
  timestamp: timestamp.toISOString(),
  ...more,
});

/** Filters that an order at the present instant meets, each with a window of which only a part has passed. */
const filters = {
  did: { did: { event: ['Order Completed'], window: { within: 'P1D' } } },
  hour: { did: { event: ['Order Completed'], window: { within: 'PT1H' } } },
  order: { fact: { lastOrderAt: { withinLast: 'P1D' } } },
  seen: { fact: { lastSeenAt: { withinLast: 'P1D' } } },
};

async function workspaceWithSegments(): Promise<TestWorkspace> {
  server.clock.now = now;
  const workspace = await newWorkspace(server);
  for (const [key, filter] of Object.entries(filters)) {
    await createBuiltSegment(workspace, key.toUpperCase(), filter);
  }
  return workspace;
}

async function answersOf(workspace: TestWorkspace) {
  const answers: Record<string, unknown> = {};
  for (const [key, where] of Object.entries(filters)) {
    const { customers, segment, customer } = await workspace.query<{
      customers: { totalCount: number };
      segment: { members: { nodes: object[] } };
      customer: { why: { holds: boolean } };
    }>(
      `query ($where: CustomerFilter!, $key: String!) {
         customers(where: $where) { totalCount }
         segment(key: $key) { members { nodes { since } } }
         customer(by: { userId: "fut" }) { why(of: { where: $where }) { holds } }
       }`,
      { where, key: key.toUpperCase() },
    );
    answers[key] = [
      customers.totalCount === 1,
      segment.members.nodes.length === 1,
      customer.why.holds,
    ];
  }
  return answers;
}

it('gives one answer everywhere about an event that is stated to be ahead of now', async () => {
  const workspace = await workspaceWithSegments();

  await workspace.send([order(later(10))]);

  const yes = [true, true, true];
  expect(await answersOf(workspace)).toEqual({ did: yes, hour: yes, order: yes, seen: yes });
});

it('keeps the reported time with the event', async () => {
  const workspace = await workspaceWithSegments();
  await workspace.send([order(later(10)), order(later(-1))]);

  const { customer } = await workspace.query<{ customer: { events: { nodes: object[] } } }>(
    '{ customer(by: { userId: "fut" }) { events { nodes { occurredAt reportedAt receivedAt } } } }',
  );

  const received = now.toISOString();
  expect(customer.events.nodes).toEqual([
    { occurredAt: received, reportedAt: later(10).toISOString(), receivedAt: received },
    { occurredAt: later(-1).toISOString(), reportedAt: null, receivedAt: received },
  ]);
});

it('does not date an order of now by an earlier event that was stated to be ahead', async () => {
  const workspace = await workspaceWithSegments();
  await workspace.send([order(later(5), { type: 'page', event: undefined })]);
  server.clock.now = later(1);

  await workspace.send([order(later(1))]);

  const { customer } = await workspace.query<{
    customer: { asOf: object; transitions: { nodes: object[] } };
  }>(
    `query ($at: DateTime!) { customer(by: { userId: "fut" }) {
       asOf(at: $at) { stage { stage { key } } }
       transitions(first: 1) { nodes { toKey at late } }
     } }`,
    { at: now.toISOString() },
  );
  expect(customer).toEqual({
    asOf: { stage: { stage: { key: 'ACQUISITION' } } },
    transitions: { nodes: [{ toKey: 'CONVERSION', at: later(1).toISOString(), late: false }] },
  });
});
