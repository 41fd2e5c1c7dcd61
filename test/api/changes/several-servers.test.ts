import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { ask, positionsTo, storedChanges, storedEvents } from '../../support/inspect.ts';
import { type Changes, connectLive, positionOf, watchChanges } from '../../support/live-client.ts';
import { pollOptions } from '../../support/lock-ingestion.ts';
import {
  type ReadCountingServer,
  startReadCountingServer,
} from '../../support/read-counting-server.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
let other: ReadCountingServer;
const clients: Array<{ dispose(): unknown }> = [];

beforeAll(async () => {
  other = await startReadCountingServer(server);
});
afterAll(() => other.end());
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});

const order = (userId: string, more: object = {}) => ({
  type: 'track',
  userId,
  event: 'Order Completed',
  ...more,
});

async function sendTo(url: string, { key }: TestWorkspace, batch: object[]) {
  const response = await fetch(`${url}/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ batch }),
  });
  const body = (await response.json()) as { results: Array<{ status: string }> };
  return { status: response.status, results: body.results.map(({ status }) => status) };
}

async function watchAt(url: string, workspace: TestWorkspace) {
  const found = await workspace.query<{ workspace: { cursor: string } }>(
    '{ workspace { cursor } }',
  );
  const live = connectLive(url, workspace.key);
  clients.push(live);
  return live.watch<Changes>(watchChanges, { after: found.workspace.cursor });
}

const listeners = () =>
  ask<{ pid: number }>(
    server,
    `select pid from pg_stat_activity where datname = current_database() and query like 'listen %'`,
  );

it('delivers the events of each server to the other in the same order', async () => {
  const workspace = await newWorkspace(server);
  const watches = [await watchAt(server.url, workspace), await watchAt(other.url, workspace)];

  await Promise.all(
    positionsTo(30).flatMap((n) => [
      sendTo(server.url, workspace, [order(`a${n % 7}`)]),
      sendTo(other.url, workspace, [order(`b${n % 7}`), order(`a${n % 7}`)]),
    ]),
  );

  const { length } = await storedChanges(server, workspace);
  for (const watch of watches) {
    await watch.until((items) => items.length >= length);
    expect(watch.items.map(({ changes }) => positionOf(changes))).toEqual(positionsTo(length));
  }
});

it('counts a message once that both servers receive concurrently', async () => {
  const workspace = await newWorkspace(server);
  const calls = positionsTo(50).map((n) => [order('u1', { messageId: `m${n}` })]);

  const answers = await Promise.all(
    calls.flatMap((call) => [server.url, other.url].map((url) => sendTo(url, workspace, call))),
  );

  const results = answers.flatMap((answer) => answer.results);
  expect(results.filter((status) => status === 'accepted')).toHaveLength(50);
  expect(results.filter((status) => status === 'duplicate')).toHaveLength(50);
  expect(await storedEvents(server, workspace)).toHaveLength(50);
  expect(await workspace.query('{ customer(by: { userId: "u1" }) { orderCount } }')).toEqual({
    customer: { orderCount: 50 },
  });
});

it('creates one customer for a new user that both servers receive concurrently', async () => {
  const workspace = await newWorkspace(server);

  const answers = await Promise.all(
    positionsTo(40).map((n) =>
      sendTo(n % 2 ? server.url : other.url, workspace, [
        { type: 'identify', userId: `u${n % 5}`, anonymousId: `a${n}`, traits: { n } },
      ]),
    ),
  );

  const { customers } = await workspace.query<{ customers: object }>(
    '{ customers { totalCount nodes { eventCount } } }',
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(customers).toEqual({ totalCount: 5, nodes: Array(5).fill({ eventCount: 8 }) });
});

it('delivers without notifications and reconnects to them', async () => {
  const workspace = await newWorkspace(server);
  const watch = await watchAt(other.url, workspace);
  await sendTo(server.url, workspace, [order('u1')]);
  await watch.until((items) => items.length === 2);

  // Both reconnect within half a second; notifications sent meanwhile are lost.
  await expect
    .poll(async () => {
      await ask(
        server,
        `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query like 'listen %'`,
      );
      return (await listeners()).length;
    }, pollOptions)
    .toBe(0);
  await sendTo(server.url, workspace, [order('u2')]);
  await watch.until((items) => items.length === 4);
  await expect.poll(async () => (await listeners()).length, pollOptions).toBe(2);
  await sendTo(server.url, workspace, [order('u3')]);

  await watch.until((items) => items.length === 6);
  expect(watch.items.map(({ changes }) => positionOf(changes))).toEqual(positionsTo(6));
});
