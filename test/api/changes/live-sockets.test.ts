import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { positionsTo, storedChanges } from '../../support/inspect.ts';
import {
  type Changes,
  connectLive,
  positionOf,
  watchChanges,
  watchStages,
} from '../../support/live-client.ts';
import { pollOptions } from '../../support/lock-ingestion.ts';
import { openEventStream } from '../../support/raw-event-stream.ts';
import {
  type ReadCountingServer,
  startReadCountingServer,
} from '../../support/read-counting-server.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
const clients: Array<{ dispose(): unknown }> = [];

afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});

function connect(key: string, url = server.url) {
  const live = connectLive(url, key);
  clients.push(live);
  return live;
}

const order = (userId: string) => ({ type: 'track', userId, event: 'Order Completed' });

async function cursorOf(workspace: TestWorkspace) {
  const found = await workspace.query<{ workspace: { cursor: string } }>(
    '{ workspace { cursor } }',
  );
  return found.workspace.cursor;
}

describe('one socket', () => {
  it('carries many subscriptions, each with its own filter, and stops them one by one', async () => {
    const workspace = await newWorkspace(server);
    const after = await cursorOf(workspace);
    const live = connect(workspace.key);
    const all = positionsTo(40).map(() => live.watch<Changes>(watchChanges, { after }));
    const created = live.watch<Changes>(watchChanges, { after, kinds: ['CUSTOMER_CREATED'] });

    await workspace.send([order('u1')]);
    for (const watch of all) await watch.until((items) => items.length === 2);
    for (const watch of all.slice(1)) watch.stop();
    await workspace.send([order('u2')]);
    await all[0]?.until((items) => items.length === 4);
    await created.until((items) => items.length === 2);

    expect(all[0]?.items.map(({ changes }) => positionOf(changes))).toEqual([1, 2, 3, 4]);
    expect(created.items.map(({ changes }) => positionOf(changes))).toEqual([1, 3]);
    for (const watch of all.slice(1)) expect(watch.items).toHaveLength(2);
  });

  it('runs queries and mutations too, and continues after an invalid one', async () => {
    const workspace = await newWorkspace(server);
    const live = connect(workspace.key);
    const watch = live.watch<Changes>(watchChanges, { after: await cursorOf(workspace) });

    const tracked = await live.ask(
      'mutation ($events: [EventInput!]!) { track(events: $events) { accepted } }',
      { events: [{ type: 'TRACK', userId: 'u1', event: 'Order Completed' }] },
    );
    await expect(live.ask('{ nonsense }')).rejects.toThrow('Cannot query field');
    await expect(live.ask('{ oh no')).rejects.toThrow('Syntax Error');
    await expect(live.watch(watchStages, { to: ['LOVE'] }).ended).rejects.toThrow('INVALID_INPUT');
    const answered = await live.ask('{ customer(by: { userId: "u1" }) { orderCount } }');
    await watch.until((items) => items.length === 2);

    expect(tracked).toEqual({ track: { accepted: 1 } });
    expect(answered).toEqual({ customer: { orderCount: 1 } });
  });

  it.each([
    ['that is unknown', 'stl_live_nonsense'],
    ['that is empty', ''],
  ])('is closed with 4403 for a key %s', async (_what, key) => {
    const live = connect(key);

    live.watch(watchChanges);

    expect((await live.closed).code).toBe(4403);
  });
});

describe('a socket that is not read from', () => {
  const essays = `subscription ($after: Cursor) { stageChanged(after: $after) {
    ... on StageChanged { cursor customer { traits } } } }`;
  const essay = (n: number) => ({
    type: 'identify',
    userId: `u${n}`,
    traits: { essay: 'x'.repeat(30_000) },
  });

  it('does not delay others, and misses nothing when reading resumes', async () => {
    const workspace = await newWorkspace(server);
    const after = await cursorOf(workspace);
    const sockets: WebSocket[] = [];
    // The official client on a socket that can be paused.
    class Pausable extends WebSocket {
      constructor(address: string | URL, protocols?: string | string[]) {
        super(address, protocols);
        sockets.push(this);
      }
    }
    const [slow, fast] = [connectLive(server.url, workspace.key, Pausable), connect(workspace.key)];
    clients.push(slow);
    const lagging = slow.watch<{ stageChanged: { cursor: string } }>(essays, { after });
    const prompt = fast.watch<{ stageChanged: { cursor: string } }>(essays, { after });
    await workspace.send([essay(0)]);
    await lagging.until((items) => items.length === 1);
    const count = 400;

    sockets[0]?.pause();
    for (let n = 1; n < count; n += 10) {
      await workspace.send(positionsTo(10).map((k) => essay(n + k)));
    }
    const all = await prompt.until((items) => items.length > count);
    const seenMeanwhile = lagging.items.length;
    sockets[0]?.resume();
    await lagging.until((items) => items.length > count);

    expect(seenMeanwhile).toBe(1);
    expect(lagging.items.map(({ stageChanged }) => stageChanged.cursor)).toEqual(
      all.map(({ stageChanged }) => stageChanged.cursor),
    );
    expect(all).toHaveLength(count + 1);
  });
});

describe('the server', () => {
  let watched: ReadCountingServer;
  beforeAll(async () => {
    watched = await startReadCountingServer(server);
  });
  afterAll(() => watched.end());

  /** Another subscription marks time: its workspace is read in every round. */
  async function rounds(of: TestWorkspace, count: number) {
    const from = watched.readCount(of.id);
    await expect
      .poll(() => watched.readCount(of.id) - from, pollOptions)
      .toBeGreaterThanOrEqual(count);
  }

  it('stops following a log without subscribers, on every transport', async () => {
    const workspaces = [
      await newWorkspace(server),
      await newWorkspace(server),
      await newWorkspace(server),
    ];
    const [left, cancelled, stays] = workspaces as [TestWorkspace, TestWorkspace, TestWorkspace];
    const after = await cursorOf(left);
    const socket = connect(left.key, watched.url);
    const watch = socket.watch<Changes>(watchChanges, { after });
    const request = { query: watchChanges };
    const stream = await openEventStream(watched.url, cancelled.key, request);
    connect(stays.key, watched.url).watch(watchChanges);
    for (const workspace of workspaces) await rounds(workspace, 2);

    watch.stop();
    stream.cancel();
    // One round may have started before they disconnected.
    await rounds(stays, 2);
    const before = [left, cancelled].map(({ id }) => watched.readCount(id));
    await rounds(stays, 2);

    expect([left, cancelled].map(({ id }) => watched.readCount(id))).toEqual(before);
    expect(await storedChanges(server, left)).toEqual([]);
    expect(await socket.ask('{ workspace { name } }')).toEqual({ workspace: { name: left.name } });
  });
});
