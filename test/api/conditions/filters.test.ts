import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { sql } from '../../../src/platform/sql.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
let workspace: TestWorkspace;

const now = '2026-06-15T12:00:00.000Z';
beforeEach(async () => {
  server.clock.now = new Date(now);
  workspace = await newWorkspace(server);
});

const called = (userId: string, traits: object, timestamp = '2026-06-01T00:00:00.000Z') => ({
  type: 'identify',
  userId,
  traits: { name: userId, ...traits },
  timestamp,
});
const ordered = (userId: string, timestamp: string, properties: object = { total: 10 }) => ({
  type: 'track',
  userId,
  event: 'Order Completed',
  properties,
  timestamp,
});

const list = `query ($where: CustomerFilter, $first: Int, $after: String) {
  customers(where: $where, first: $first, after: $after, orderBy: { field: NAME, direction: ASC }) {
    totalCount pageInfo { hasNextPage endCursor } nodes { name }
  }
}`;

async function page(where: object | null, more: object = {}) {
  const { customers } = await workspace.query<{
    customers: {
      totalCount: number;
      pageInfo: { hasNextPage: boolean; endCursor: string };
      nodes: Array<{ name: string }>;
    };
  }>(list, { where, ...more });
  return { ...customers, names: customers.nodes.map(({ name }) => name) };
}
const names = async (where: object | null) => (await page(where)).names;

async function refusal(where: unknown) {
  const { body } = await workspace.graphql(list, { where });
  return body.errors?.[0];
}

describe('a filter can be evaluated', () => {
  it('as a variable and inline in the operation', async () => {
    await workspace.send([ordered('ada', '2026-06-10T00:00:00.000Z'), called('ada', {})]);
    const inText = `{ customers(where: { all: [
      { did: { event: ["Order Completed"], kind: TRACK, window: { between: {
        from: "2026-06-09T22:00:00-02:00", to: "2026-06-11T00:00:00Z" } } } }
      { fact: { lastOrderAt: { withinLast: "P1M" } } }
    ] }) { nodes { name } } }`;
    const window = { between: { from: '2026-06-09T22:00:00-02:00', to: '2026-06-11T00:00:00Z' } };
    const did = { event: ['Order Completed'], kind: 'TRACK', window };

    const { customers } = await workspace.query<{ customers: object }>(inText);

    expect(customers).toEqual({ nodes: [{ name: 'ada' }] });
    expect(
      await names({ all: [{ did }, { fact: { lastOrderAt: { withinLast: 'P1M' } } }] }),
    ).toEqual(['ada']);
  });

  it('with events of every kind', async () => {
    await workspace.send([called('ada', {}), { type: 'page', userId: 'ada', name: 'Pricing' }]);

    expect(await names({ did: { kind: 'PAGE', event: ['Pricing'] } })).toEqual(['ada']);
    expect(await names({ did: { kind: 'IDENTIFY', event: ['identify'] } })).toEqual(['ada']);
    expect(await names({ did: { event: ['Pricing'] } })).toEqual([]);
  });

  it('across pages, with the total count', async () => {
    const users = ['ada', 'ben', 'cleo', 'dora', 'eli'];
    await workspace.send(users.map((user) => called(user, { plan: user === 'ben' ? 'a' : 'b' })));
    const where = { trait: { name: 'plan', is: { text: { equals: 'b' } } } };

    const first = await page(where, { first: 2 });
    const second = await page(where, { first: 2, after: first.pageInfo.endCursor });

    expect([first.names, second.names]).toEqual([
      ['ada', 'cleo'],
      ['dora', 'eli'],
    ]);
    expect([first.totalCount, second.pageInfo.hasNextPage]).toEqual([4, false]);
  });

  it('as every customer when absent or null, and combined with a search', async () => {
    await workspace.send([called('zoe', { plan: 'a' }), called('zoey', {}), called('ben', {})]);
    // No id contains this text, because ids have no such letters.
    const both = `query ($where: CustomerFilter) {
      customers(search: "zoe", where: $where) { nodes { name } }
    }`;
    const where = { trait: { name: 'plan', is: { exists: false } } };

    expect(await names(null)).toEqual(['ben', 'zoe', 'zoey']);
    expect(await names({ all: [] })).toEqual(['ben', 'zoe', 'zoey']);
    expect(await names({ any: [] })).toEqual([]);
    expect(await workspace.query(both, { where })).toEqual({
      customers: { nodes: [{ name: 'zoey' }] },
    });
  });
});

describe('a filter applies', () => {
  it('only to values of its type, negated comparisons included', async () => {
    await workspace.send([
      called('ada', { size: 'big' }),
      called('ben', { size: 3 }),
      called('cleo', {}),
    ]);
    const notBig = { trait: { name: 'size', is: { text: { notEquals: 'big' } } } };
    const big = { trait: { name: 'size', is: { text: { equals: 'big' } } } };

    expect(await names(notBig)).toEqual([]);
    expect(await names({ not: big })).toEqual(['ben', 'cleo']);
  });

  it('to half-open windows: the end instant is excluded', async () => {
    await workspace.send([called('ada', {}), ordered('ada', '2026-06-01T12:00:00.000Z')]);
    const within = { fact: { lastOrderAt: { withinLast: 'P7D' } } };
    const did = { did: { event: ['Order Completed'], window: { within: 'P7D' } } };
    const older = { fact: { lastOrderAt: { olderThan: 'P7D' } } };
    const answers = async (at: string) => {
      server.clock.now = new Date(at);
      return Promise.all([names(within), names(did), names(older)]);
    };

    expect(await answers('2026-06-08T11:59:59.999Z')).toEqual([['ada'], ['ada'], []]);
    expect(await answers('2026-06-08T12:00:00.000Z')).toEqual([[], [], ['ada']]);
  });

  it("to days of the workspace's time zone, which are not always 24 hours long", async () => {
    workspace = await newWorkspace(server, { timeZone: 'Europe/Berlin' });
    // The night in which clocks are set forward.
    await workspace.send([called('ada', {}), ordered('ada', '2026-03-28T12:00:00.000Z')]);
    server.clock.now = new Date('2026-03-29T11:30:00.000Z');

    expect(await names({ fact: { lastOrderAt: { withinLast: 'P1D' } } })).toEqual([]);
    expect(await names({ fact: { lastOrderAt: { withinLast: 'PT24H' } } })).toEqual(['ada']);
  });

  it('to all events of merged customers', async () => {
    const visit = { type: 'track', anonymousId: 'v', event: 'Trial Started', timestamp: now };
    await workspace.send([visit, called('ada', {})]);
    await workspace.send([{ ...called('ada', {}), anonymousId: 'v' }]);

    expect(await names({ did: { event: ['Trial Started'] } })).toEqual(['ada']);
    const identity = { kind: 'anonymous_id', value: { startsWith: 'v' } };
    expect(await names({ identity })).toEqual(['ada']);
  });
});

describe('a filter is refused with the path to the error', () => {
  const nested = (levels: number): object =>
    levels === 1 ? { all: [] } : { not: nested(levels - 1) };
  const stage = { in: ['REACH'] };

  it.each<[string, object, string]>([
    ['an unknown stage', { stage: { in: ['NOPE'] } }, 'where.stage'],
    ['an unknown lifecycle', { not: { stage: { ...stage, lifecycle: 'x' } } }, 'where.not.stage'],
    ['an unknown segment', { all: [{ segment: { in: ['x'] } }] }, 'where.all.0.segment'],
    ['neither `in` nor `notIn`', { stage: { ever: true } }, 'where.stage'],
    ['two time comparisons', { stage: { ...stage, within: 'P1D', ever: true } }, 'where.stage'],
    ['no name', { tag: { in: [] } }, 'where.tag.in'],
    ['too many names', { tag: { in: Array.from({ length: 101 }, String) } }, 'where.tag.in'],
    ['a string that cannot be stored', { tag: { in: ['a', 'b\0'] } }, 'where.tag.in.1'],
    ['half of a surrogate pair', { did: { event: ['\ud800'] } }, 'where.did.event.0'],
    [
      'a number range that ends before it begins',
      { fact: { orderCount: { between: { from: 5, to: 1 } } } },
      'where.fact.orderCount.between',
    ],
    [
      'a time range that ends before it begins',
      {
        did: {
          event: ['A'],
          window: { between: { from: '2026-06-02T00:00:00Z', to: '2026-06-02T01:00:00+02:00' } },
        },
      },
      'where.did.window.between',
    ],
    [
      'an empty text',
      { trait: { name: 'plan', is: { text: { equals: '' } } } },
      'where.trait.is.text.equals',
    ],
    ['more than 8 levels', nested(9), `where${'.not'.repeat(8)}`],
    [
      'more than 200 nodes',
      { any: Array.from({ length: 200 }, () => ({ stage })) },
      'where.any.199',
    ],
  ])('%s', async (_what, where, path) => {
    const { message, extensions } = await refusal(where);

    expect(extensions).toMatchObject({ code: 'INVALID_FILTER', path });
    expect(message).toMatch(new RegExp(`^${path}: .+\\.$`));
  });

  it.each<[string, unknown]>([
    ['two conditions in one node', { all: [], any: [] }],
    ['nothing', {}],
    ['two comparisons of one value', { fact: { orderCount: { above: 1, below: 3 } } }],
    ['an invalid number', { fact: { orderCount: { above: 'many' } } }],
    ['an invalid duration', { fact: { leadAt: { withinLast: '30 days' } } }],
    ['an unknown fact', { fact: { shoeSize: { above: 1 } } }],
  ])('during GraphQL validation: %s', async (_what, where) => {
    const { extensions } = await refusal(where);

    expect(extensions).toEqual({ code: 'INVALID_REQUEST' });
  });

  it('a lifecycle whose first build is running', async () => {
    await server.database.inWorkspace(workspace.id, (db) =>
      db.query(sql`
        insert into lifecycle (workspace_id, id, key, name, description)
        values (${workspace.id}, ${randomUUID()}, 'NEW', 'New', '')`),
    );

    const { message, extensions } = await refusal({ stage: { lifecycle: 'NEW', in: ['A'] } });

    expect(extensions).toMatchObject({ code: 'INVALID_FILTER', path: 'where.stage' });
    expect(message).toBe(
      'where.stage: the lifecycle NEW is still being built and has no stages until its build is done.',
    );
  });

  it('accepts filters at the limits', async () => {
    const many = { any: Array.from({ length: 199 }, () => ({ stage })) };

    expect(await names(nested(8))).toEqual([]);
    expect(await names(many)).toEqual([]);
  });

  it.each(['POST', 'a stream'])('at any depth, over %s', async (way) => {
    const deep = `${'{"not":'.repeat(15_000)}{"all":[]}${'}'.repeat(15_000)}`;
    const watch = 'subscription ($where: Cursor) { changes(after: $where) { __typename } }';
    const query = JSON.stringify(way === 'POST' ? list : watch);
    const accept = way === 'POST' ? 'application/json' : 'text/event-stream';

    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${workspace.key}`,
        'content-type': 'application/json',
        accept,
      },
      body: `{"query":${query},"variables":{"where":${deep}}}`,
    });

    const text = await response.text();
    expect(text).toContain('nested more than 64 levels deep');
    expect(text).toContain('INVALID_REQUEST');
  });
});
