import { afterEach, expect, it } from 'vitest';
import { connectLive } from '../../support/live-client.ts';
import { createRandom, type SeededRandom } from '../../support/random.ts';
import { interfere, randomCall } from '../../support/random-moves.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
const clients: Array<{ dispose(): unknown }> = [];

afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});

function connect(key: string) {
  const live = connectLive(server.url, key);
  clients.push(live);
  return live;
}

interface Counted {
  cursor: string;
  counts: Array<{ stageKey: string; customers: number }>;
}

interface Payload {
  __typename: string;
  cursor: string;
  counts?: Counted['counts'];
  deltas?: Array<{ stageKey: string; delta: number }>;
  reason?: string;
}

type Item = { stageCountsChanged: Payload };

const watchCounts = `subscription ($after: Cursor, $lifecycle: String) {
  stageCountsChanged(after: $after, lifecycle: $lifecycle) {
    __typename
    ... on StageCounts { cursor counts { stageKey customers } }
    ... on StageCountsDifference { cursor at deltas { stageKey delta } }
    ... on StreamReset { cursor reason }
  } }`;

const position = ({ cursor }: { cursor: string }) => Number(cursor.split('.')[1]);

type Table = Record<string, number>;

const toTable = ({ counts }: Pick<Counted, 'counts'>): Table =>
  Object.fromEntries(counts.map(({ stageKey, customers }) => [stageKey, customers]));

/** The counts plus all differences up to a position in the log. */
function fold(begin: Table, items: readonly Item[], upTo: number): Table {
  const table = { ...begin };
  for (const { stageCountsChanged: payload } of items) {
    if (position(payload) > upTo) break;
    for (const { stageKey, delta } of payload.deltas ?? []) {
      table[stageKey] = (table[stageKey] ?? 0) + delta;
    }
  }
  return table;
}

async function present(workspace: TestWorkspace): Promise<Counted> {
  const { stageCounts } = await workspace.query<{ stageCounts: Counted }>(
    '{ stageCounts { cursor counts { stageKey customers } } }',
  );
  return stageCounts;
}

async function write(workspace: TestWorkspace, random: SeededRandom, rounds: number) {
  for (let round = 0; round < rounds; round += 1) {
    const calls = Array.from({ length: random.between(1, 8) }, () => randomCall(random));
    await workspace.send(calls);
    if (random.between(0, 2) === 0) await interfere(workspace, random);
  }
}

it.each([501, 502, 503])(
  'yields the counts at every cursor when folded, despite concurrent writes (%i)',
  async (seed) => {
    const random = createRandom(seed);
    const workspace = await newWorkspace(server);
    await write(workspace, random, 3);
    const live = connect(workspace.key).watch<Item>(watchCounts);
    await live.until((items) => items.length > 0);

    const observed: Counted[] = [];
    const writers = [1, 2, 3].map((n) => write(workspace, createRandom(seed * 10 + n), 12));
    const all = Promise.all(writers);
    let isOver = false;
    void all.finally(() => {
      isOver = true;
    });
    while (!isOver) observed.push(await present(workspace));
    await all;
    const last = await present(workspace);
    observed.push(last);

    const [snapshot] = live.items;
    if (!snapshot?.stageCountsChanged.counts) throw new Error('The counts did not come first');
    const begin = toTable({ counts: snapshot.stageCountsChanged.counts });
    const upTo = position(last);
    await live.until(
      (items) => JSON.stringify(fold(begin, items, upTo)) === JSON.stringify(toTable(last)),
    );
    const since = position(snapshot.stageCountsChanged);
    for (const counted of observed.filter((one) => position(one) >= since)) {
      expect(fold(begin, live.items, position(counted))).toEqual(toTable(counted));
    }
    const middle = observed[Math.floor(observed.length / 2)] ?? last;
    const resumed = connect(workspace.key).watch<Item>(watchCounts, { after: middle.cursor });
    const end = (items: Item[]) => fold(toTable(middle), items, upTo);
    await resumed.until((items) => JSON.stringify(end(items)) === JSON.stringify(toTable(last)));
    expect(resumed.items.every((item) => item.stageCountsChanged.deltas)).toBe(true);
    expect(observed.length).toBeGreaterThan(3);
  },
);

it('sends the counts first, then the changes, each with its cursor', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([{ type: 'track', userId: 'u1', event: 'Order Completed' }]);
  const live = connect(workspace.key).watch<Item>(watchCounts);
  await live.until((items) => items.length === 1);

  await workspace.send([{ type: 'track', userId: 'u1', event: 'Order Completed' }]);
  const [first, second] = await live.until((items) => items.length === 2);

  expect(first?.stageCountsChanged).toMatchObject({
    __typename: 'StageCounts',
    counts: expect.arrayContaining([{ stageKey: 'CONVERSION', customers: 1 }]),
  });
  expect(second?.stageCountsChanged).toMatchObject({
    __typename: 'StageCountsDifference',
    deltas: [
      { stageKey: 'CONVERSION', delta: -1 },
      { stageKey: 'RETENTION', delta: 1 },
    ],
  });
});

it('reports a reset for a cursor of another log', async () => {
  const workspace = await newWorkspace(server);
  const live = connect(workspace.key).watch<Item>(watchCounts, { after: '0123456789.5' });

  expect(await live.ended).toMatchObject([
    { stageCountsChanged: { __typename: 'StreamReset', reason: 'UNKNOWN_LOG' } },
  ]);
});

it('refuses a subscription to an unknown lifecycle', async () => {
  const workspace = await newWorkspace(server);
  const live = connect(workspace.key).watch<Item>(watchCounts, { lifecycle: 'NOWHERE' });

  await expect(live.ended).rejects.toThrow(/REACH_TO_LOYALTY/);
});
