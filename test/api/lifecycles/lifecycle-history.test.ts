import { describe, expect, it } from 'vitest';
import { splitRandomly } from '../../support/customer-facts.ts';
import { ask } from '../../support/inspect.ts';
import { createRandom, type SeededRandom } from '../../support/random.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();

const instant = (day: string) => `${day}T12:00:00.000Z`;

const order = (day: string, more: object = {}) => ({
  type: 'track',
  userId: 'u1',
  event: 'Order Completed',
  timestamp: instant(day),
  properties: { total: 10 },
  ...more,
});

interface AsOf {
  stage: { stageKey: string; since: string; stage: { name: string } | null } | null;
  stages: Array<{ stageKey: string; lifecycle: { key: string } }>;
}

async function asOf(workspace: TestWorkspace, by: object, at: string): Promise<AsOf> {
  const { customer } = await workspace.query<{ customer: { asOf: AsOf } }>(
    `query ($by: CustomerBy!, $at: DateTime!) { customer(by: $by) { asOf(at: $at) {
       stage { stageKey since stage { name } } stages { stageKey lifecycle { key } } } } }`,
    { by, at },
  );
  return customer.asOf;
}

const stageAt = async (workspace: TestWorkspace, by: object, day: string) =>
  (await asOf(workspace, by, `${day}T23:00:00Z`)).stage?.stageKey ?? null;

interface Counts {
  cursor: string;
  total: number;
  counts: Array<{ stageKey: string; customers: number }>;
}

async function countsAt(workspace: TestWorkspace, at?: string) {
  const { stageCounts } = await workspace.query<{ stageCounts: Counts }>(
    `query ($at: DateTime) { stageCounts(at: $at) {
       cursor total counts { stageKey customers } } }`,
    { at },
  );
  const filled = stageCounts.counts.filter(({ customers }) => customers !== 0);
  return Object.fromEntries(filled.map(({ stageKey, customers }) => [stageKey, customers]));
}

describe('a customer as of an instant', () => {
  it('has the stage of that instant, with the time of entry', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([order('2026-01-01'), order('2026-02-01'), order('2026-03-01')]);

    expect(await asOf(workspace, { userId: 'u1' }, '2026-02-15T00:00:00Z')).toEqual({
      stage: {
        stageKey: 'RETENTION',
        since: instant('2026-02-01'),
        stage: { name: 'Retention' },
      },
      stages: [{ stageKey: 'RETENTION', lifecycle: { key: 'REACH_TO_LOYALTY' } }],
    });
  });

  it('is in a stage from the exact instant of its move, and in none before it was first seen', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([order('2026-01-01'), order('2026-02-01')]);
    const at = async (text: string) =>
      (await asOf(workspace, { userId: 'u1' }, text)).stage?.stageKey ?? null;

    expect(await at('2026-02-01T12:00:00.000Z')).toBe('RETENTION');
    expect(await at('2026-02-01T11:59:59.999Z')).toBe('CONVERSION');
    expect(await at('2025-12-31T00:00:00Z')).toBeNull();
  });

  it('has, before its own id was known, the stage of the visitor merged into it', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([
      { type: 'page', anonymousId: 'a1', timestamp: instant('2026-01-01') },
      order('2026-02-01'),
      { type: 'page', userId: 'u1', anonymousId: 'a1', timestamp: instant('2026-03-01') },
    ]);
    const by = { userId: 'u1' };

    expect(await stageAt(workspace, by, '2026-01-10')).toBe('REACH');
    expect(await stageAt(workspace, by, '2026-02-10')).toBe('CONVERSION');
    expect(await stageAt(workspace, by, '2026-03-10')).toBe('CONVERSION');
  });

  it('has, while it was merged into another customer, the stage of that customer', async () => {
    const workspace = await newWorkspace(server);
    server.clock.now = new Date(instant('2026-05-01'));
    await workspace.send([
      { type: 'page', anonymousId: 'a1', timestamp: instant('2026-01-01') },
      order('2026-01-02'),
      order('2026-01-03'),
      { type: 'page', userId: 'u1', anonymousId: 'a1', timestamp: instant('2026-03-01') },
    ]);
    const { customer } = await workspace.query<{ customer: { merges: Array<{ id: string }> } }>(
      '{ customer(by: { userId: "u1" }) { merges { id } } }',
    );
    await workspace.query('mutation ($id: ID!) { undoMerge(merge: $id) { __typename } }', {
      id: customer.merges[0]?.id,
    });
    server.clock.now = undefined;
    const visitor = { anonymousId: 'a1' };

    expect(await stageAt(workspace, visitor, '2026-02-01')).toBe('REACH');
    expect(await stageAt(workspace, visitor, '2026-04-01')).toBe('RETENTION');
    expect(await stageAt(workspace, visitor, '2026-05-02')).toBe('REACH');
  });
});

describe('counts', () => {
  it('are computed for any instant, and for the present equal the stored counts with the last cursor', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([
      order('2026-01-01'),
      order('2026-01-02', { userId: 'u2' }),
      order('2026-02-01'),
      { type: 'page', anonymousId: 'a1', timestamp: instant('2026-01-05') },
    ]);

    expect(await countsAt(workspace, '2025-01-01T00:00:00Z')).toEqual({});
    expect(await countsAt(workspace, '2026-01-03T00:00:00Z')).toEqual({ CONVERSION: 2 });
    expect(await countsAt(workspace, '2026-01-06T00:00:00Z')).toEqual({ REACH: 1, CONVERSION: 2 });
    const present = { REACH: 1, CONVERSION: 1, RETENTION: 1 };
    expect(await countsAt(workspace, '2026-02-01T12:00:00.000Z')).toEqual(present);
    expect(await countsAt(workspace)).toEqual(present);
    const { stageCounts, workspace: own } = await workspace.query<{
      stageCounts: Counts;
      workspace: { cursor: string };
    }>('{ stageCounts { cursor total counts { stageKey customers } } workspace { cursor } }');
    expect(stageCounts).toMatchObject({ cursor: own.cursor, total: 3 });
    expect(stageCounts.counts.map(({ stageKey }) => stageKey)).toEqual([
      'REACH',
      'ACQUISITION',
      'CONVERSION',
      'RETENTION',
      'LOYALTY',
    ]);
  });

  it.each([71, 72])('of the past hold through merges and their undoing (%i)', async (seed) => {
    const random = createRandom(seed);
    const workspace = await newWorkspace(server);

    const calls = Array.from({ length: 150 }, () => randomCall(random));
    for (const batch of splitRandomly(calls, 25, random)) {
      await workspace.send(batch);
      if (random.between(0, 1)) await undoSomeMerge(workspace, random);
    }

    const stored = await ask<{ stage: string; customers: number }>(
      server,
      `select stage_key as stage, count(*)::int as customers from customer_stage
       where workspace_id = $1 group by 1`,
      [workspace.id],
    );
    const folded = Object.fromEntries(stored.map(({ stage, customers }) => [stage, customers]));
    expect(await countsAt(workspace, '2099-01-01T00:00:00Z')).toEqual(folded);
    expect(await countsAt(workspace)).toEqual(folded);
    const flow = await flowOf(workspace, '2026-01-15T00:00:00Z', '2099-01-01T00:00:00Z');
    const after = flow.nodes.filter((node) => node.after !== 0);
    expect(Object.fromEntries(after.map((node) => [node.stageKey, node.after]))).toEqual(folded);
  });
});

function randomCall(random: SeededRandom) {
  const day = `2026-01-${String(random.between(1, 31)).padStart(2, '0')}`;
  const names = [
    { userId: `u${random.between(1, 6)}` },
    { userId: undefined, anonymousId: `a${random.between(1, 10)}` },
    { userId: `u${random.between(1, 6)}`, anonymousId: `a${random.between(1, 10)}` },
  ][random.between(0, 2)];
  return order(day, { ...names, event: random.between(0, 2) ? 'Order Completed' : 'Tried' });
}

async function undoSomeMerge(workspace: TestWorkspace, random: SeededRandom) {
  const { customers } = await workspace.query<{
    customers: { nodes: Array<{ merges: Array<{ id: string; undoneAt: string | null }> }> };
  }>('{ customers(first: 50) { nodes { merges { id undoneAt } } } }');
  const merges = customers.nodes.flatMap((node) => node.merges).filter((one) => !one.undoneAt);
  const merge = merges[random.between(0, merges.length)];
  if (!merge) return;
  await workspace.query('mutation ($id: ID!) { undoMerge(merge: $id) { __typename } }', {
    id: merge.id,
  });
}

interface Flow {
  nodes: Array<{
    stageKey: string;
    before: number;
    after: number;
    entered: number;
    left: number;
    merged: number;
  }>;
  links: Array<{
    fromKey: string | null;
    toKey: string;
    customers: number;
    moves: number;
    redefined: number;
  }>;
}

async function flowOf(workspace: TestWorkspace, from: string, to: string): Promise<Flow> {
  const { stageFlow } = await workspace.query<{ stageFlow: Flow }>(
    `query ($from: DateTime!, $to: DateTime!) { stageFlow(from: $from, to: $to) {
       nodes { stageKey before after entered left merged }
       links { fromKey toKey customers moves redefined } } }`,
    { from, to },
  );
  return stageFlow;
}

it('reports the flow between stages, first entries included, and the totals of each stage', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([
    order('2026-01-01'),
    order('2026-01-02', { userId: 'u2' }),
    { type: 'page', anonymousId: 'a1', timestamp: instant('2026-01-20') },
    order('2026-02-01'),
    order('2026-02-02', { userId: 'u2' }),
    order('2026-02-03', { userId: 'u3' }),
    { type: 'page', userId: 'u3', anonymousId: 'a1', timestamp: instant('2026-02-04') },
  ]);

  const flow = await flowOf(workspace, '2026-01-31T00:00:00Z', '2026-02-28T00:00:00Z');

  const way = (fromKey: string | null, toKey: string, count: number) => ({
    fromKey,
    toKey,
    customers: count,
    moves: count,
    redefined: 0,
  });
  expect(flow.links).toEqual([way('CONVERSION', 'RETENTION', 2), way(null, 'CONVERSION', 1)]);
  const none = { before: 0, after: 0, entered: 0, left: 0, merged: 0 };
  expect(flow.nodes).toEqual([
    { stageKey: 'REACH', ...none, before: 1, merged: 1 },
    { stageKey: 'ACQUISITION', ...none },
    { stageKey: 'CONVERSION', before: 2, after: 1, entered: 1, left: 2, merged: 0 },
    { stageKey: 'RETENTION', ...none, after: 2, entered: 2 },
    { stageKey: 'LOYALTY', ...none },
  ]);
});

it('refuses a flow whose end precedes its start', async () => {
  const workspace = await newWorkspace(server);

  const { body } = await workspace.graphql(
    '{ stageFlow(from: "2026-02-01T00:00:00Z", to: "2026-01-01T00:00:00Z") { from } }',
  );

  expect(body.errors[0].extensions.code).toBe('INVALID_INPUT');
});

const stats = (count: number, median: string | null, mean = median, p90 = median) => ({
  count,
  median,
  mean,
  p90,
});

it('reports the time in stage of customers that left and of those still in it', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([
    ...['2026-01-01', '2026-01-11'].map((day) => order(day)),
    ...['2026-01-01', '2026-01-21'].map((day) => order(day, { userId: 'u2' })),
    order('2026-01-25', { userId: 'u3' }),
    { type: 'page', anonymousId: 'a1', timestamp: instant('2026-01-26') },
    { type: 'page', userId: 'u3', anonymousId: 'a1', timestamp: instant('2026-01-27') },
  ]);

  const { timeInStage } = await workspace.query<{ timeInStage: object[] }>(
    `query ($to: DateTime!) { timeInStage(to: $to) { stageKey leftOut
       completed { count median mean p90 } open { count median mean p90 } } }`,
    { to: instant('2026-01-31') },
  );

  const nothing = stats(0, null);
  expect(timeInStage).toEqual([
    // The visitor was merged into another customer: its stay neither ended nor continues.
    { stageKey: 'REACH', leftOut: 0, completed: nothing, open: nothing },
    { stageKey: 'ACQUISITION', leftOut: 0, completed: nothing, open: nothing },
    {
      stageKey: 'CONVERSION',
      leftOut: 0,
      completed: stats(2, 'P15D', 'P15D', 'P19D'),
      open: stats(1, 'P6D'),
    },
    {
      stageKey: 'RETENTION',
      leftOut: 0,
      completed: nothing,
      open: stats(2, 'P15D', 'P15D', 'P19D'),
    },
    { stageKey: 'LOYALTY', leftOut: 0, completed: nothing, open: nothing },
  ]);
});

describe('velocity', () => {
  const velocity = `query ($window: EntryWindow) {
    stageVelocity(from: "conversion", to: "RETENTION", window: $window) {
      entered arrived time { count median mean p90 } } }`;

  it('counts the customers that moved on and reports after what time', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([
      ...['2026-01-01', '2026-01-11'].map((day) => order(day)),
      ...['2026-01-01', '2026-01-21'].map((day) => order(day, { userId: 'u2' })),
      order('2026-01-25', { userId: 'u3' }),
    ]);

    expect(await workspace.query(velocity)).toEqual({
      stageVelocity: { entered: 3, arrived: 2, time: stats(2, 'P15D', 'P15D', 'P19D') },
    });
    const window = { from: '2026-01-20T00:00:00Z', to: '2026-02-01T00:00:00Z' };
    expect(await workspace.query(velocity, { window })).toEqual({
      stageVelocity: { entered: 1, arrived: 0, time: stats(0, null) },
    });
  });

  it('refuses unknown stages and lists the existing ones', async () => {
    const workspace = await newWorkspace(server);

    const { body } = await workspace.graphql(
      '{ stageVelocity(from: "NOWHERE", to: "REACH") { entered } }',
    );

    expect(body.errors[0].message).toMatch(/REACH, ACQUISITION/);
  });
});
