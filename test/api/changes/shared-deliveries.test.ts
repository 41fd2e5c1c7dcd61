import { afterEach, beforeAll, expect, it } from 'vitest';
import type { Database } from '../../../src/platform/database.ts';
import { prepareDatabase } from '../../../src/platform/prepare-database.ts';
import { connectLive, type Watch } from '../../support/live-client.ts';
import { type SecondServer, startSecondServer } from '../../support/second-server.ts';
import { newWorkspace, type TestWorkspace, useServer } from '../../support/server.ts';

const server = useServer();
let counting: SecondServer;
let snapshots: string[] = [];
const clients: Array<{ dispose(): unknown }> = [];

beforeAll(async () => {
  const wrapDatabase = (database: Database): Database => ({
    ...database,
    readWorkspace(workspaceId, work, signal) {
      snapshots.push(workspaceId);
      return database.readWorkspace(workspaceId, work, signal);
    },
  });
  const url = await prepareDatabase(server.databaseUrl);
  counting = await startSecondServer(server, { url, wrapDatabase });
  return counting.end;
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});

interface Moved {
  stageChanged: { toKey: string; customer: { userId: string } };
}

const watchMoves = `subscription ($after: Cursor) {
  stageChanged(after: $after) { ... on StageChanged { toKey customer { userId orderCount } } } }`;

async function watch(workspace: TestWorkspace, document = watchMoves) {
  const live = connectLive(counting.url, workspace.key);
  clients.push(live);
  const start = await workspace.query<{ workspace: { cursor: string } }>(
    '{ workspace { cursor } }',
  );
  return live.watch<Moved>(document, { after: start.workspace.cursor });
}

const order = (userId: string) => ({ type: 'track', userId, event: 'Order Completed' });
const usersOf = (items: Moved[]) => items.map(({ stageChanged }) => stageChanged.customer.userId);

async function sendTo(workspace: TestWorkspace, watches: Array<Watch<Moved>>, userId: string) {
  await workspace.send([order(userId)]);
  for (const one of watches) await one.until((items) => usersOf(items).includes(userId));
}

it('reads a change once for all subscribers with the same operation', async () => {
  const workspace = await newWorkspace(server);
  const watches = await Promise.all(Array.from({ length: 25 }, () => watch(workspace)));
  await sendTo(workspace, watches, 'first');
  await sendTo(workspace, watches, 'second');

  snapshots = [];
  await sendTo(workspace, watches, 'third');

  expect(snapshots.filter((id) => id === workspace.id)).toHaveLength(1);
  for (const { items } of watches) expect(usersOf(items)).toEqual(['first', 'second', 'third']);
});

it('reads what different operations select in one snapshot', async () => {
  const workspace = await newWorkspace(server);
  const documents = Array.from({ length: 20 }, (_, index) =>
    watchMoves.replace('customer {', `field${index}: at customer {`),
  );
  const watches = await Promise.all(documents.map((document) => watch(workspace, document)));
  await sendTo(workspace, watches, 'first');

  snapshots = [];
  await sendTo(workspace, watches, 'second');

  expect(snapshots.filter((id) => id === workspace.id)).toHaveLength(1);
});

it('delivers to each workspace only its own changes, for the same operation and variables', async () => {
  const workspaces = [await newWorkspace(server), await newWorkspace(server)];
  const watches = await Promise.all(workspaces.map((one) => watch(one)));

  for (const userId of ['a', 'b', 'c']) {
    await Promise.all(
      workspaces.map((workspace, index) =>
        sendTo(workspace, watches.slice(index, index + 1), `${userId}${index}`),
      ),
    );
  }

  expect(watches.map(({ items }) => usersOf(items))).toEqual([
    ['a0', 'b0', 'c0'],
    ['a1', 'b1', 'c1'],
  ]);
});

it('delivers a burst to every subscriber, in order and without repeat', async () => {
  const workspace = await newWorkspace(server);
  const watches = await Promise.all(Array.from({ length: 20 }, () => watch(workspace)));
  await sendTo(workspace, watches, 'first');
  const users = Array.from({ length: 500 }, (_, index) => `burst-${index}`);

  await workspace.send(users.map(order));
  for (const one of watches) await one.until((items) => items.length > users.length);

  for (const { items } of watches) expect(usersOf(items)).toEqual(['first', ...users]);
});
