import { expect, it } from 'vitest';
import { recomputeFacts } from '../../../src/engine/customers/recompute-facts.ts';
import { sql } from '../../../src/platform/sql.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const order = (day: string, total = 10) => ({
  type: 'track',
  userId: 'ada',
  event: 'Order Completed',
  timestamp: `2026-${day}T12:00:00.000Z`,
  properties: { total },
});

const calls = [
  {
    type: 'identify',
    userId: 'ada',
    traits: { plan: 'pro', 'tag:vip': true, 'tag:trial': true },
    timestamp: '2026-01-01T12:00:00.000Z',
  },
  order('01-02'),
  order('01-20', 40),
  order('02-10'),
  { type: 'page', userId: 'ada', name: 'Home', timestamp: '2026-02-11T12:00:00.000Z' },
];

interface Clause {
  path: string;
  holds: boolean;
  actual: unknown;
  evidence: Array<{ messageId: string; name: string }>;
  nextChangeAt: string | null;
  missing: { events: string[]; count: number } | null;
}

async function whyOf(workspace: TestWorkspace, of: object) {
  const { customer } = await workspace.query<{
    customer: {
      why: { holds: boolean; nextChangeAt: string | null; clauses: Clause[] };
    };
  }>(
    `query ($of: WhyInput!) { customer(by: { userId: "ada" }) { why(of: $of) {
       holds nextChangeAt
       clauses { path holds actual evidence { messageId name } nextChangeAt missing { events count } }
     } } }`,
    { of },
  );
  return customer.why;
}

async function createAdaWorkspace(now = '2026-02-20T12:00:00.000Z') {
  server.clock.now = new Date(now);
  const workspace = await newWorkspace(server);
  await workspace.send(calls.map((call, index) => ({ ...call, messageId: `m${index}` })));
  return workspace;
}

it('explains a filter clause by clause, with values, evidence and what would change it', async () => {
  const workspace = await createAdaWorkspace();

  const why = await whyOf(workspace, {
    where: {
      all: [
        { fact: { orderCount: { atLeast: 5 } } },
        { did: { event: ['Order Completed'], window: { within: 'P30D' } } },
        { not: { trait: { name: 'plan', is: { text: { equals: 'free' } } } } },
      ],
    },
  });

  expect(why).toMatchObject({ holds: false, nextChangeAt: null });
  expect(why.clauses.map(({ path, holds, actual }) => [path, holds, actual])).toEqual([
    ['', false, null],
    ['all.0', false, 3],
    ['all.1', true, 1],
    ['all.2', true, null],
    ['all.2.not', false, 'pro'],
  ]);
  expect(why.clauses[1]).toMatchObject({
    missing: { events: ['Order Completed'], count: 2 },
    evidence: [],
  });
  expect(why.clauses[2]).toMatchObject({
    evidence: [{ messageId: 'm3' }],
    nextChangeAt: '2026-03-12T12:00:00.000Z',
  });
});

it('explains the rule of a stage and where the customer is', async () => {
  const workspace = await createAdaWorkspace();

  const rule = await whyOf(workspace, { entry: { stage: 'retention' } });
  const place = await whyOf(workspace, { where: { stage: { in: ['RETENTION'] } } });

  expect(rule.clauses).toMatchObject([
    {
      holds: true,
      actual: 3,
      evidence: [{ messageId: 'm3' }, { messageId: 'm2' }],
    },
  ]);
  expect(place.clauses[0]).toMatchObject({
    holds: true,
    actual: { stage: 'RETENTION', since: '2026-01-20T12:00:00.000Z' },
  });
});

const matchingFilters = [
  { fact: { orderCount: { atLeast: 2 } } },
  { fact: { netRevenue: { above: 3_000 } } },
  { fact: { averageOrderValue: { atLeast: 1_000 } } },
  { fact: { lastOrderAt: { withinLast: 'P30D' } } },
  { fact: { firstOrderAt: { olderThan: 'P40D' } } },
  { fact: { sessions: { atLeast: 1 } } },
  { did: { event: ['Order Completed'], measure: { count: { atLeast: 2 } } } },
  { did: { event: ['Order Completed'], window: { within: 'P30D' } } },
  {
    did: {
      event: ['Order Completed'],
      window: { within: 'P40D' },
      measure: { sum: { property: 'total', is: { atLeast: 50 } } },
    },
  },
  {
    did: {
      event: ['Order Completed'],
      measure: { max: { property: 'total', is: { equals: 40 } } },
    },
  },
  { did: { event: ['Home'], kind: 'PAGE', measure: { last: { withinLast: 'P30D' } } } },
  { trait: { name: 'plan', is: { text: { equals: 'pro' } } } },
  { tag: { in: ['vip'] } },
  { tag: { in: ['unheard of', 'trial', 'vip'] } },
];

it.each([
  [{ fact: { lastOrderAt: { withinLast: 'P30D' } } }],
  [{ did: { event: ['Order Completed'], measure: { last: { withinLast: 'P30D' } } } }],
])('states instants as everywhere else: %j', async (where) => {
  const workspace = await createAdaWorkspace();

  const { clauses } = await whyOf(workspace, { where });

  expect(clauses[0]?.actual).toBe('2026-02-10T12:00:00.000Z');
});

it('lists the matching tags of the customer, for negated conditions too', async () => {
  const workspace = await createAdaWorkspace();

  const { holds, clauses } = await whyOf(workspace, {
    where: { tag: { notIn: ['unheard of', 'vip'] } },
  });

  expect({ holds, actual: clauses[0]?.actual }).toEqual({ holds: false, actual: ['vip'] });
  expect(clauses[0]?.evidence).toMatchObject([{ messageId: 'm0' }]);
});

it.each(matchingFilters.map((where) => ({ where, name: JSON.stringify(where).slice(0, 70) })))(
  'lists the evidence without which the answer would be the opposite: $name',
  async ({ where }) => {
    const workspace = await createAdaWorkspace();
    const before = await whyOf(workspace, { where });
    const evidence = before.clauses[0]?.evidence.map(({ messageId }) => messageId) ?? [];
    expect(before.holds).toBe(true);
    expect(evidence.length).toBeGreaterThan(0);

    await server.database.inWorkspace(workspace.id, async (db) => {
      const { rows } = await db.query<{ customer: string }>(sql`
        delete from event where workspace_id = ${workspace.id} and message_id = any(${evidence})
        returning customer_id as customer`);
      await recomputeFacts(
        db,
        rows.map(({ customer }) => customer),
        'UTC',
      );
    });

    expect((await whyOf(workspace, { where })).holds).toBe(false);
  },
);

it('returns no explanation for a merged customer, which is in no segment or stage', async () => {
  const workspace = await createAdaWorkspace();
  await workspace.send([
    { type: 'page', anonymousId: 'visitor', timestamp: '2026-02-12T12:00:00.000Z' },
    {
      type: 'identify',
      anonymousId: 'visitor',
      userId: 'ada',
      timestamp: '2026-02-13T12:00:00.000Z',
    },
  ]);
  const { customer } = await workspace.query<{
    customer: { merges: Array<{ from: { id: string } }> };
  }>('{ customer(by: { userId: "ada" }) { merges { from { id } } } }');

  const { body } = await workspace.graphql(
    `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer {
       why(of: { where: { fact: { orderCount: { atLeast: 1 } } } }) { holds }
     } } }`,
    { ids: [customer.merges[0]?.from.id] },
  );

  expect(body.errors[0].extensions.code).toBe('INVALID_INPUT');
});
