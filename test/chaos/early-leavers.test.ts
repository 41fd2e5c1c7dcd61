import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { cleanUp, createFolder, waitUntil } from '../support/embedded-owners.ts';
import { blockTable } from '../support/lock-ingestion.ts';
import { type ProbedServer, startProbedServer } from '../support/process-probe.ts';
import type { Measure } from '../support/process-probe-preload.ts';
import { chosenSeed, createRandom } from '../support/random.ts';
import { openEventStream } from '../support/raw-event-stream.ts';
import { embeddedUrl, endServers, processAdminKey } from '../support/server-process.ts';

const body = JSON.stringify({ query: 'subscription { stageChanged { __typename } }' });
/** The tolerance between measurements, for pooled connections and the like. */
const tolerance = 8;

let folder: string;
let server: ProbedServer;
let key: string;
let quiet: Measure;

beforeAll(async () => {
  folder = await createFolder();
  // More would be refused if the slots of disconnected clients were still in use.
  server = await startProbedServer(folder, { STAGELINE_KEY_SUBSCRIPTIONS: '450' });
  key = await createKey();
  // By then the pools have opened their connections.
  await leaveAll(50, () => 30);
  await waitUntil(async () => {
    quiet = await server.measure();
    return quiet.responses < tolerance;
  });
}, 120_000);

afterAll(async () => {
  await endServers();
  await cleanUp();
}, 60_000);

async function createKey(): Promise<string> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${processAdminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      query:
        'mutation { createApiKey(name: "test", scopes: [READ]) { ... on CreateApiKeyPayload { key } } }',
    }),
  });
  return ((await response.json()) as { data: { createApiKey: { key: string } } }).data.createApiKey
    .key;
}

/** Subscribes and disconnects after a while; never rejects. */
async function leave(afterMs: number): Promise<void> {
  const leaving = new AbortController();
  const left = pause(afterMs).then(() => leaving.abort());
  await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      accept: 'text/event-stream',
      'content-type': 'application/json',
    },
    body,
    signal: leaving.signal,
  }).catch(() => undefined);
  await left;
}

const leaveAll = (count: number, afterMs: (n: number) => number) =>
  Promise.all(Array.from({ length: count }, (_, n) => leave(afterMs(n))));

/** Waits until the process holds what it held before. */
async function waitUntilQuiet() {
  let held: Measure = quiet;
  await waitUntil(async () => {
    held = await server.measure();
    return Object.entries(held).every(
      ([what, count]) => count <= quiet[what as keyof Measure] + tolerance,
    );
  }, 30_000).catch(() => undefined);
  console.log('Before:', quiet, 'after:', held);
  for (const [what, count] of Object.entries(held)) {
    expect({ what, count }).toEqual({
      what,
      count: expect.toSatisfy((so) => so <= quiet[what as keyof Measure] + tolerance),
    });
  }
  expect(server.errors()).toBe('');
}

it.each([
  ['4 ms after the request', () => 4],
  ['at any time', (random: ReturnType<typeof createRandom>) => random.between(0, 60)],
])('releases all resources of 400 subscribers that disconnect %s', async (_when, draw) => {
  const random = createRandom(chosenSeed());

  await leaveAll(400, () => draw(random));

  await waitUntilQuiet();
});

const head = () =>
  `POST /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\n` +
  `Accept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;

it.each([
  ['within the headers', () => head().slice(0, 60)],
  ['before the body', () => head()],
  ['within the body', () => head() + body.slice(0, 20)],
  ['right after the body', () => head() + body],
])('releases all resources of 200 connections that are reset %s', async (_where, received) => {
  const { hostname, port } = new URL(server.url);

  await Promise.all(
    Array.from({ length: 200 }, async () => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      await new Promise((resolve) => socket.write(received(), resolve));
      socket.resetAndDestroy();
    }),
  );

  await waitUntilQuiet();
});

it.each([
  ['the key is looked up', 'api_key'],
  ['the start position is looked up', 'change_counter'],
])(
  'releases all resources of subscribers that disconnect while %s in a slow database',
  async (_what, table) => {
    const held = await blockTable({ databaseUrl: await embeddedUrl(folder) }, table);
    // Cached keys expire within a second.
    const left = leaveAll(100, () => 3_000);
    await held.waitUntilBlocked();
    await left;
    await held.release();

    await waitUntilQuiet();
  },
);

it('releases all resources of 200 WebSockets with three subscriptions each, closed at any time', async () => {
  const random = createRandom(chosenSeed());

  await Promise.all(
    Array.from({ length: 200 }, async () => {
      const socket = new WebSocket(
        `${server.url.replace('http', 'ws')}/graphql`,
        'graphql-transport-ws',
      );
      socket.on('error', () => undefined);
      socket.on('open', () => {
        socket.send(JSON.stringify({ type: 'connection_init', payload: { key } }));
      });
      socket.once('message', () => {
        for (const id of ['1', '2', '3'])
          socket.send(`{"type":"subscribe","id":"${id}","payload":${body}}`);
      });
      await pause(random.between(0, 300));
      socket.terminate();
    }),
  );

  await waitUntilQuiet();
});

it('releases all resources of streams that were read for a while', async () => {
  const request = { query: 'subscription { changes { __typename } }' };
  const streams = await Promise.all(
    Array.from({ length: 100 }, () => openEventStream(server.url, key, request)),
  );
  await Promise.all(streams.map((stream) => stream.until((text) => text.includes('id:'))));
  const busy = await server.measure();

  for (const stream of streams) stream.cancel();

  expect(busy.responses).toBeGreaterThanOrEqual(100);
  await waitUntilQuiet();
});
