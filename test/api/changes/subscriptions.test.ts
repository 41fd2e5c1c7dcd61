import { afterEach, describe, expect, it } from 'vitest';
import { msPerDay } from '../../../src/platform/time/ms-per-day.ts';
import { positionsTo, storedChanges } from '../../support/inspect.ts';
import {
  type Changes,
  connectLive,
  positionOf,
  type Stages,
  watchChanges,
  watchStages,
} from '../../support/live-client.ts';
import { pollOptions } from '../../support/lock-ingestion.ts';
import { createRandom } from '../../support/random.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
const clients: Array<{ dispose(): unknown }> = [];

afterEach(async () => {
  server.clock.now = undefined;
  for (const client of clients.splice(0)) await client.dispose();
});

function connect(key: string) {
  const live = connectLive(server.url, key);
  clients.push(live);
  return live;
}

const order = (userId: string) => ({ type: 'track', userId, event: 'Order Completed' });
const orders = (userId: string, count: number) => positionsTo(count).map(() => order(userId));

async function cursorOf(workspace: TestWorkspace) {
  const { workspace: found } = await workspace.query<{ workspace: { cursor: string } }>(
    '{ workspace { cursor } }',
  );
  return found.cursor;
}

const path = (items: Stages[]) =>
  items.map(({ stageChanged: { fromKey, toKey } }) => `${fromKey} > ${toKey}`);

it('delivers new changes, each with cursor and time', async () => {
  const workspace = await newWorkspace(server);
  await workspace.send([order('before')]);
  const live = connect(workspace.key).watch<Changes>(watchChanges);

  // Only the first delivery shows a client that its subscription has started.
  await expect
    .poll(async () => {
      await workspace.send([order(crypto.randomUUID())]);
      return live.items.length;
    }, pollOptions)
    .toBeGreaterThan(0);
  await workspace.send([{ ...order('last'), timestamp: '2026-01-02T03:04:05.678Z' }]);
  const log = await storedChanges(server, workspace);
  await live.until((items) => items.length > 0 && positionOf(last(items)) === log.length);

  const positions = live.items.map(({ changes }) => positionOf(changes));
  const [first = 0] = positions;
  expect(first).toBeGreaterThan(2);
  expect(positions).toEqual(positionsTo(log.length).slice(first - 1));
  expect(last(live.items)).toMatchObject({ __typename: 'StageChanged', toKey: 'CONVERSION' });
  expect(last(live.items).at).toBe('2026-01-02T03:04:05.678Z');
});

function last(items: Changes[]) {
  const item = items.at(-1);
  if (!item) throw new Error('Nothing was delivered');
  return item.changes;
}

describe('a filter delivers', () => {
  // Every case ends with a matching change by the last order: all other deliveries precede it.
  it.each([
    [
      'moves into the named stages',
      { to: ['RETENTION', 'loyalty'] },
      ['CONVERSION > RETENTION', 'RETENTION > LOYALTY'],
    ],
    ['moves out of the named stages', { from: ['RETENTION'] }, ['RETENTION > LOYALTY']],
    [
      'moves between named stages',
      { from: ['retention', 'CONVERSION'], to: ['LOYALTY'] },
      ['RETENTION > LOYALTY'],
    ],
    [
      'moves in the named lifecycle',
      { lifecycle: 'reach_to_loyalty', to: ['LOYALTY'] },
      ['RETENTION > LOYALTY'],
    ],
    [
      'every move if nothing is named',
      {},
      [
        'null > ACQUISITION',
        'ACQUISITION > CONVERSION',
        'CONVERSION > RETENTION',
        'RETENTION > LOYALTY',
      ],
    ],
  ])('%s', async (_what, filter, expected) => {
    const workspace = await newWorkspace(server);
    const after = await cursorOf(workspace);
    const live = connect(workspace.key).watch<Stages>(watchStages, { after, ...filter });

    await workspace.send([{ type: 'page', userId: 'u1' }, ...orders('u1', 5)]);

    await live.until((items) => items.at(-1)?.stageChanged.toKey === 'LOYALTY');
    expect(path(live.items)).toEqual(expected);
  });

  it('the moves of one customer, across merges', async () => {
    const workspace = await newWorkspace(server);
    await workspace.send([{ type: 'page', anonymousId: 'a1' }, order('u1')]);
    const { customer } = await workspace.query<{ customer: { id: string } }>(
      '{ customer(by: { anonymousId: "a1" }) { id } }',
    );
    const after = await cursorOf(workspace);
    const all = connect(workspace.key).watch<Stages>(watchStages, { after });
    const live = connect(workspace.key).watch<Stages>(watchStages, {
      customer: customer.id,
      after,
    });
    const traits = { email: 'a1@example.com' };
    await workspace.send([{ type: 'identify', anonymousId: 'a1', traits }]);
    // From now on it is live: a stream that starts after the merge has the past moves of both.
    await live.until((items) => items.at(-1)?.stageChanged.toKey === 'ACQUISITION');

    await workspace.send([...orders('u1', 1), ...orders('u2', 5)]);
    await all.until((items) => items.at(-1)?.stageChanged.toKey === 'LOYALTY');
    await workspace.send([{ type: 'page', anonymousId: 'a1', userId: 'u1' }, ...orders('u2', 2)]);
    await workspace.send(orders('u1', 3));

    await live.until((items) => items.at(-1)?.stageChanged.toKey === 'LOYALTY');
    expect(path(live.items)).toEqual(['REACH > ACQUISITION', 'RETENTION > LOYALTY']);
  });

  it('changes of the named kinds', async () => {
    const workspace = await newWorkspace(server);
    const kinds = ['CUSTOMER_CREATED', 'CUSTOMER_MERGED'];
    const after = await cursorOf(workspace);
    const live = connect(workspace.key).watch<Changes>(watchChanges, { after, kinds });

    await workspace.send([order('u1'), { type: 'page', anonymousId: 'a1' }]);
    await workspace.send([{ type: 'page', anonymousId: 'a1', userId: 'u1' }]);

    await live.until((items) => last(items).__typename === 'CustomerMerged');
    expect(live.items.map(({ changes }) => changes.__typename)).toEqual([
      'CustomerCreated',
      'CustomerCreated',
      'CustomerMerged',
    ]);
  });

  it.each([
    ['an unknown stage', { to: ['LOVE'] }],
    ['an unknown lifecycle', { lifecycle: 'LIFE' }],
    ['an unknown customer', { customer: 'Q3VzdG9tZXI6eA==' }],
    ['a string that is not a cursor', { after: 'yesterday' }],
    ['an invalid cursor', { after: 'abcdefgh.01' }],
  ])('refuses %s', async (_what, filter) => {
    const workspace = await newWorkspace(server);

    const live = connect(workspace.key).watch(watchStages, filter);

    await expect(live.ended).rejects.toThrow('"code":"INVALID_INPUT"');
  });
});

describe('resuming with the last cursor', () => {
  it.each([41, 42, 43])('sees every change once despite concurrent writes (%i)', async (seed) => {
    const random = createRandom(seed);
    const workspace = await newWorkspace(server);
    const seen: number[] = [];
    let after = await cursorOf(workspace);
    let writing = true;

    async function write() {
      for (let batch = 0; batch < 60; batch += 1) {
        await workspace.send(positionsTo(10).map(() => order(`u${random.between(1, 200)}`)));
      }
      writing = false;
    }

    /** Disconnects after some change, sometimes while others are being delivered. */
    async function visit(stays: number) {
      const live = connect(workspace.key);
      const watch = live.watch<Changes>(watchChanges, { after });
      const { length } = await storedChanges(server, workspace);
      await watch.until((items) => items.length >= Math.min(stays, length - seen.length));
      const items = [...watch.items];
      await live.dispose();
      seen.push(...items.map(({ changes }) => positionOf(changes)));
      after = items.at(-1)?.changes.cursor ?? after;
    }

    const written = write();
    while (writing) await visit(random.between(1, 90));
    await written;
    const log = await storedChanges(server, workspace);
    await visit(log.length);

    expect(log.length).toBeGreaterThan(500);
    expect(seen).toEqual(positionsTo(log.length));
  });
});

describe('a cursor that cannot be resumed', () => {
  async function resetFor(workspace: TestWorkspace, after: string) {
    const items = await connect(workspace.key).watch<Changes>(watchChanges, { after }).ended;
    return items.map(({ changes: { __typename, reason, cursor } }) => ({
      __typename,
      reason,
      cursor,
    }));
  }

  const reset = (reason: string, cursor: string) => [{ __typename: 'StreamReset', reason, cursor }];

  it.each([
    ['is of another log', 'UNKNOWN_LOG', (_epoch: string) => '0000000000.1'],
    ['lies ahead of the log', 'AHEAD_OF_LOG', (epoch: string) => `${epoch}.3`],
  ])('is answered with a reset cursor: it %s', async (_what, reason, forge) => {
    const workspace = await newWorkspace(server);
    await workspace.send([order('u1')]);
    const cursor = await cursorOf(workspace);

    const items = await resetFor(workspace, forge(String(cursor.split('.')[0])));

    expect(items).toEqual(reset(reason, cursor));
  });

  it('is answered with a reset exactly when the next change is older than 30 days', async () => {
    const workspace = await newWorkspace(server);
    const start = await cursorOf(workspace);
    const sent = new Date('2026-01-01T00:00:00Z');
    server.clock.now = sent;
    await workspace.send([order('u1')]);
    const end = await cursorOf(workspace);

    server.clock.now = new Date(sent.getTime() + 30 * msPerDay);
    const live = connect(workspace.key).watch<Changes>(watchChanges, { after: start });
    const kept = [...(await live.until((items) => items.length === 2))];
    server.clock.now = new Date(sent.getTime() + 30 * msPerDay + 1);
    const tooOld = await resetFor(workspace, start);
    const resumed = connect(workspace.key).watch<Changes>(watchChanges, { after: end });
    await workspace.send([order('u2')]);

    expect(kept.map(({ changes }) => positionOf(changes))).toEqual([1, 2]);
    expect(tooOld).toEqual(reset('TOO_OLD', end));
    expect(positionOf(last(await resumed.until((items) => items.length === 2)))).toBe(4);
  });
});
