import { once } from 'node:events';
import { createClient } from 'graphql-sse';
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { cleanUp, createFolder, waitUntil } from '../support/embedded-owners.ts';
import { framesOf } from '../support/event-frames.ts';
import { positionsTo } from '../support/inspect.ts';
import { type Changes, positionOf, watchChanges } from '../support/live-client.ts';
import { openEventStream } from '../support/raw-event-stream.ts';
import {
  endServers,
  processAdminKey,
  type ServerProcess,
  startServerProcess,
} from '../support/server-process.ts';

afterEach(async () => {
  await endServers();
  await cleanUp();
}, 60_000);

const authorization = `Bearer ${processAdminKey}`;

/** Each user's order makes two changes: the creation of the customer and a stage change. */
async function order({ url }: ServerProcess, userId: string) {
  const { status } = await fetch(`${url}/v1/track`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ userId, event: 'Order Completed' }),
  });
  expect(status).toBe(200);
}

async function cursorOf({ url }: ServerProcess): Promise<string> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ workspace { cursor } }' }),
  });
  return ((await response.json()) as { data: { workspace: { cursor: string } } }).data.workspace
    .cursor;
}

async function restart(server: ServerProcess, folder: string) {
  server.child.kill('SIGTERM');
  await server.ended;
  return startServerProcess(folder, { PORT: new URL(server.url).port });
}

it('lets the official event stream client resume without missing a change', async () => {
  const folder = await createFolder();
  let server = await startServerProcess(folder);
  let lastEventId = await cursorOf(server);
  let back = Promise.withResolvers<void>();
  const seen: number[] = [];
  const odd: unknown[] = [];
  const client = createClient({
    url: `${server.url}/graphql`,
    headers: () => ({ authorization, 'last-event-id': lastEventId }),
    retryAttempts: 1_000,
    retry: () => back.promise,
  });
  client.subscribe<Changes>(
    { query: watchChanges },
    {
      next({ data, errors }) {
        if (!data) return void odd.push(errors);
        lastEventId = data.changes.cursor;
        seen.push(positionOf(data.changes));
      },
      error: (error) => void odd.push(error),
      complete: () => void odd.push('complete'),
    },
  );

  for (const round of [1, 2]) {
    await order(server, `live-${round}`);
    await waitUntil(() => seen.length === round * 4 - 2);
    back = Promise.withResolvers();
    server = await restart(server, folder);
    await order(server, `missed-${round}`);
    back.resolve();
    await waitUntil(() => seen.length === round * 4);
  }
  client.dispose();

  expect(seen).toEqual(positionsTo(8));
  expect(odd).toEqual([]);
});

it('ends an event stream without "complete", so that a client that resumes by event id misses nothing', async () => {
  const folder = await createFolder();
  const server = await startServerProcess(folder);
  const request = { query: watchChanges };
  const stream = await openEventStream(server.url, processAdminKey, request);

  const restarted = await restart(server, folder);
  const received = framesOf(await stream.ended);
  await order(restarted, 'missed');
  const resumed = await openEventStream(restarted.url, processAdminKey, request, {
    'last-event-id': received.at(-1)?.id ?? '',
  });
  const text = await resumed.until((so) => so.split('event: next').length === 3);
  resumed.cancel();

  expect(received).toEqual([{ id: expect.stringMatching(/\.0$/) }]);
  expect(framesOf(text).flatMap(({ event, id }) => (event ? [id?.split('.')[1]] : []))).toEqual([
    '1',
    '2',
  ]);
});

it('closes a WebSocket with 1001 without messages about its operations', async () => {
  const folder = await createFolder();
  const server = await startServerProcess(folder);
  const socket = new WebSocket(
    `${server.url.replace('http', 'ws')}/graphql`,
    'graphql-transport-ws',
  );
  const received: string[] = [];
  socket.on('message', (data) => received.push(JSON.parse(String(data)).type));
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
  await waitUntil(() => received.length === 1);
  socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: watchChanges } }));
  await order(server, 'u1');
  await waitUntil(async () => {
    await order(server, crypto.randomUUID());
    return received.length > 1;
  });
  const closed = once(socket, 'close');

  server.child.kill('SIGTERM');

  expect((await closed)[0]).toBe(1001);
  expect(new Set(received)).toEqual(new Set(['connection_ack', 'next']));
  await server.ended;
});
