import { describe, expect, it } from 'vitest';
import { splitRandomly } from '../../support/customer-facts.ts';
import { ask, positionsTo, type StoredChange, storedChanges } from '../../support/inspect.ts';
import { createRandom, type SeededRandom } from '../../support/random.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const order = (day: string, more: object = {}) => ({
  type: 'track',
  userId: 'u1',
  event: 'Order Completed',
  timestamp: `${day}T12:00:00.000Z`,
  properties: { total: 10 },
  ...more,
});

interface Move {
  at: string;
  fromKey: string | null;
  toKey: string;
  late: boolean;
  cause: string;
  rule: object;
  evidence: { name: string; messageId: string } | null;
}

/** A customer's moves, the oldest first. */
async function movesOf(workspace: TestWorkspace, by: object = { userId: 'u1' }) {
  const { customer } = await workspace.query<{ customer: { transitions: { nodes: Move[] } } }>(
    `query ($by: CustomerBy!) { customer(by: $by) { transitions(first: 100) { nodes {
       at fromKey toKey late cause rule evidence { name messageId }
     } } } }`,
    { by },
  );
  return customer.transitions.nodes.toReversed();
}

const path = (moves: Move[]) => moves.map(({ fromKey, toKey }) => `${fromKey} > ${toKey}`);

it('moves a customer from first contact to loyalty as orders arrive', async () => {
  const workspace = await newWorkspace(server);

  await workspace.send([
    { type: 'page', anonymousId: 'a1', timestamp: '2026-01-01T12:00:00.000Z' },
    { type: 'identify', anonymousId: 'a1', userId: 'u1', timestamp: '2026-01-02T12:00:00.000Z' },
    ...['03', '04', '05', '06', '07', '08'].map((day) => order(`2026-01-${day}`)),
  ]);

  const moves = await movesOf(workspace);
  expect(
    moves.map(({ at, fromKey, toKey, late }) => [at.slice(0, 10), fromKey, toKey, late]),
  ).toEqual([
    ['2026-01-01', null, 'REACH', false],
    ['2026-01-02', 'REACH', 'ACQUISITION', false],
    ['2026-01-03', 'ACQUISITION', 'CONVERSION', false],
    ['2026-01-04', 'CONVERSION', 'RETENTION', false],
    ['2026-01-07', 'RETENTION', 'LOYALTY', false],
  ]);
});

it.each([
  ['a user id', { type: 'page', userId: 'u1' }, 'ACQUISITION'],
  [
    'an e-mail address',
    { type: 'identify', anonymousId: 'u1', traits: { email: 'a@b.c' } },
    'ACQUISITION',
  ],
  ['a captured lead', { type: 'track', anonymousId: 'u1', event: 'Lead Captured' }, 'ACQUISITION'],
  ['a sign-up', { type: 'track', anonymousId: 'u1', event: 'Signed Up' }, 'ACQUISITION'],
  ['a page view only', { type: 'page', anonymousId: 'u1' }, 'REACH'],
  [
    'an order of an anonymous visitor',
    order('2026-01-01', { userId: undefined, anonymousId: 'u1' }),
    'CONVERSION',
  ],
])('places a new customer with %s directly in its stage', async (_what, call, stage) => {
  const workspace = await newWorkspace(server);

  await workspace.send([call]);

  const by = 'userId' in call && call.userId ? { userId: 'u1' } : { anonymousId: 'u1' };
  expect(path(await movesOf(workspace, by))).toEqual([`null > ${stage}`]);
});

it('reports the rule and the triggering event of each move', async () => {
  const workspace = await newWorkspace(server);

  await workspace.send([
    order('2026-01-01', { messageId: 'm1' }),
    { type: 'page', userId: 'u1', messageId: 'm2', timestamp: '2026-01-02T00:00:00Z' },
    order('2026-01-03', { messageId: 'm3' }),
  ]);

  const { stages } = await workspace.query<{ stages: Array<{ key: string; entry: object }> }>(
    '{ stages { key entry } }',
  );
  const ruleOf = (key: string) => stages.find((stage) => stage.key === key)?.entry;
  const evidence = (messageId: string) => ({ name: 'Order Completed', messageId });
  expect(await movesOf(workspace)).toMatchObject([
    { toKey: 'CONVERSION', cause: 'EVENT', rule: ruleOf('CONVERSION'), evidence: evidence('m1') },
    { toKey: 'RETENTION', cause: 'EVENT', rule: ruleOf('RETENTION'), evidence: evidence('m3') },
  ]);
});

describe('a late event', () => {
  it("takes effect at the customer's current evaluation instant and is marked as late", async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([order('2026-01-01'), { ...order('2026-03-01'), event: 'Tried' }]);

    await workspace.send([order('2026-02-01', { messageId: 'late' })]);

    const [, move] = await movesOf(workspace);
    expect(move).toMatchObject({
      at: '2026-03-01T12:00:00.000Z',
      toKey: 'RETENTION',
      late: true,
      evidence: { messageId: 'late' },
    });
  });

  it("is not marked as late at exactly the customer's current evaluation instant", async () => {
    const workspace = await newWorkspace(server);

    await workspace.send([order('2026-01-01'), order('2026-01-01')]);

    expect((await movesOf(workspace)).map(({ late }) => late)).toEqual([false, false]);
  });

  it('corrects the facts by its occurrence time', async () => {
    const workspace = await newWorkspace(server);

    await workspace.send([order('2026-03-01'), order('2026-02-01')]);

    expect(
      await workspace.query('{ customer(by: { userId: "u1" }) { firstOrderAt lastOrderAt } }'),
    ).toEqual({
      customer: {
        firstOrderAt: '2026-02-01T12:00:00.000Z',
        lastOrderAt: '2026-03-01T12:00:00.000Z',
      },
    });
  });
});

it('moves a customer forwards by a merge and back when the merge is undone', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([
    order('2026-01-01', { userId: undefined, anonymousId: 'a1' }),
    order('2026-01-02'),
    { type: 'page', userId: 'u1', anonymousId: 'a1', timestamp: '2026-01-03T00:00:00Z' },
  ]);
  const { customer } = await workspace.query<{ customer: { merges: Array<{ id: string }> } }>(
    '{ customer(by: { userId: "u1" }) { merges { id } } }',
  );

  await workspace.query('mutation ($id: ID!) { undoMerge(merge: $id) { __typename } }', {
    id: customer.merges[0]?.id,
  });

  const moves = await movesOf(workspace);
  expect(moves.map(({ fromKey, toKey, cause }) => [fromKey, toKey, cause])).toEqual([
    [null, 'CONVERSION', 'EVENT'],
    ['CONVERSION', 'RETENTION', 'MERGE'],
    ['RETENTION', 'CONVERSION', 'UNMERGE'],
  ]);
  expect(path(await movesOf(workspace, { anonymousId: 'a1' }))).toEqual([
    'null > CONVERSION',
    'null > CONVERSION',
  ]);
});

/** Folds the log into placements: each move places its customer, a merge removes one. */
function fold(changes: StoredChange[]) {
  const places = new Map<string, { stage: string; since: Date }>();
  for (const { kind, customer, at, data } of changes) {
    if (kind === 'CUSTOMER_MERGED') places.delete(String(data['from']));
    if (kind !== 'STAGE_CHANGED') continue;
    expect(data['from']).toBe(places.get(customer)?.stage ?? null);
    places.set(customer, { stage: String(data['to']), since: at });
  }
  return places;
}

function randomCall(random: SeededRandom) {
  const day = new Date(Date.UTC(2026, 0, random.between(1, 40))).toISOString().slice(0, 10);
  const names = [
    { userId: `u${random.between(1, 6)}` },
    { userId: undefined, anonymousId: `a${random.between(1, 12)}` },
    { userId: `u${random.between(1, 6)}`, anonymousId: `a${random.between(1, 12)}` },
  ][random.between(0, 2)];
  return order(day, { ...names, event: random.between(0, 2) ? 'Order Completed' : 'Tried' });
}

it.each([31, 32, 33])(
  'keeps a log that yields the stored stages when folded (%i)',
  async (seed) => {
    const random = createRandom(seed);
    const workspace = await newWorkspace(server);

    for (const batch of splitRandomly(
      Array.from({ length: 200 }, () => randomCall(random)),
      30,
      random,
    )) {
      await workspace.send(batch);
      const { customers } = await workspace.query<{
        customers: { nodes: Array<{ merges: Array<{ id: string; undoneAt: string | null }> }> };
      }>('{ customers(first: 50) { nodes { merges { id undoneAt } } } }');
      const merges = customers.nodes
        .flatMap((node) => node.merges)
        .filter((merge) => !merge.undoneAt);
      const merge = merges[random.between(0, 2 * merges.length)];
      if (merge) {
        await workspace.query('mutation ($id: ID!) { undoMerge(merge: $id) { __typename } }', {
          id: merge.id,
        });
      }
    }

    const changes = await storedChanges(server, workspace);
    const stored = await ask<{ customer: string; stage: string; since: Date }>(
      server,
      `select customer_id as customer, stage_key as stage, since from customer_stage
     where workspace_id = $1`,
      [workspace.id],
    );
    const kinds = new Set(changes.map(({ kind }) => kind));
    expect(kinds.size).toBe(4);
    expect(changes.map(({ position }) => position)).toEqual(positionsTo(changes.length));
    expect(fold(changes)).toEqual(
      new Map(stored.map(({ customer, ...place }) => [customer, place])),
    );
  },
);
