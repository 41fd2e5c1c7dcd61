import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { audit } from '../support/audit.ts';
import {
  cleanUp,
  createFolder,
  isProcessAlive,
  postmasterOf,
  waitUntil,
} from '../support/embedded-owners.ts';
import { createLedger, write } from '../support/ledger.ts';
import { statusOf } from '../support/observer.ts';
import { chosenSeed, createRandom } from '../support/random.ts';
import {
  embeddedUrl,
  endServers,
  processAdminKey,
  type ServerProcess,
  startServerProcess,
} from '../support/server-process.ts';
import type { ShopCall } from '../support/shop-orders.ts';

const drainMs = 10_000;
const unfinished: ShopCall = {
  type: 'track',
  event: 'Seen',
  userId: 'under-way',
  messageId: 'under-way',
  timestamp: '2020-01-01T00:00:00Z',
};
const stageChanged = 'subscription { stageChanged { ... on StageChanged { cursor toKey } } }';

afterEach(async () => {
  await endServers();
  await cleanUp();
}, 60_000);

it('drains on SIGTERM: finishes pending requests, ends streams and stops its PostgreSQL', async () => {
  const folder = await createFolder();
  const server = await startServerProcess(folder);
  const postmaster = await postmasterOf(folder);
  const ledger = createLedger();
  let stopping = false;
  const written = ['a', 'b', 'c'].map((name, index) =>
    write(name, 200, {
      ledger,
      url: () => server.url,
      key: processAdminKey,
      random: createRandom(chosenSeed() + index),
      maxBatch: 500,
      isDone: () => stopping,
      // A refused client would try another server.
      waitUntilAvailable: () => Promise.reject(new Error('not answered')),
    }).catch(() => undefined),
  );
  const stream = await openEvents(server);
  const socket = await openSocket(server);
  const probe = await openProbe(server);
  const underWay = await openUnfinished(server);
  await waitUntil(() => ledger.acknowledged.length > 1_000);

  stopping = true;
  // When this is answered, everything sent before has arrived.
  await fetch(`${server.url}/health`);
  const began = performance.now();
  const closed = once(socket, 'close');
  server.child.kill('SIGTERM');
  const ready = await probe.ask();
  underWay.finish();
  const [closeCode] = await closed;
  const ended = await server.ended;

  console.log(`Drained in ${Math.round(performance.now() - began)} ms`);
  expect(ready).toMatch(/^HTTP\/1.1 503 /);
  expect(ready).toMatch(/retry-after: 1/i);
  expect(await underWay.answer).toMatch(/^HTTP\/1.1 200 .*"accepted"/s);
  expect(closeCode).toBe(1001);
  expect(await stream.received).not.toContain('event: complete');
  expect(ended).toMatchObject({ code: 0, signal: null, errors: '' });
  expect(performance.now() - began).toBeLessThan(drainMs);
  expect(isProcessAlive(postmaster)).toBe(false);
  await Promise.all(written);
  expect(ledger.statuses.get(0) ?? 0).toBe(0);
  await startServerProcess(folder);
  ledger.acknowledged.push(unfinished);
  await audit(await embeddedUrl(folder), ledger);
});

it('drains even when a client does not respond', async () => {
  const folder = await createFolder();
  const server = await startServerProcess(folder);
  const postmaster = await postmasterOf(folder);
  const socket = await openSocket(server);
  // It no longer responds, not even to the end of the connection.
  (socket as unknown as { _socket: Socket })._socket.pause();
  const began = performance.now();

  server.child.kill('SIGTERM');
  const { code } = await server.ended;

  expect(code).toBe(0);
  expect(performance.now() - began).toBeLessThan(drainMs);
  expect(isProcessAlive(postmaster)).toBe(false);
  socket.terminate();
});

it('exits immediately after a second SIGTERM and stops its PostgreSQL', async () => {
  const folder = await createFolder();
  const server = await startServerProcess(folder);
  const postmaster = await postmasterOf(folder);
  const underWay = await openUnfinished(server);

  server.child.kill('SIGTERM');
  await waitUntilClosed(server);
  const began = performance.now();
  // Within half a second of the first signal it would be ignored as a duplicate.
  const repeated = setInterval(() => server.child.kill('SIGTERM'), 100);
  const { code } = await server.ended.finally(() => clearInterval(repeated));

  console.log(`Ended ${Math.round(performance.now() - began)} ms after the second SIGTERM`);
  expect(code).toBe(1);
  expect(performance.now() - began).toBeLessThan(1_000);
  await waitUntil(() => !isProcessAlive(postmaster));
  await underWay.answer;
});

/** A subscription over Server-Sent Events; `received` resolves when it has ended. */
async function openEvents({ url }: ServerProcess) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${processAdminKey}`,
      accept: 'text/event-stream',
      'content-type': 'application/json',
    },
    body: JSON.stringify({ query: stageChanged }),
  });
  return { received: response.text() };
}

async function openSocket({ url }: ServerProcess): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { key: processAdminKey } }));
  await once(socket, 'message');
  socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: stageChanged } }));
  return socket;
}

const connectTo = async ({ url }: ServerProcess): Promise<Socket> => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
};

/** Waits until the server accepts no more connections. */
const waitUntilClosed = ({ url }: ServerProcess) =>
  waitUntil(async () => (await statusOf(`${url}/health`)) === 0);

/** A connection of a load balancer, which requests readiness while the server drains. */
async function openProbe(server: ServerProcess) {
  const socket = await connectTo(server);
  socket.write('GET /ready HTTP/1.1\r\nHost: localhost\r\n');
  return {
    async ask() {
      await waitUntilClosed(server);
      socket.end('Connection: close\r\n\r\n');
      return text(socket);
    },
  };
}

/** A request whose body is incomplete. */
async function openUnfinished(server: ServerProcess) {
  const body = JSON.stringify(unfinished);
  const socket = await connectTo(server);
  const answer = text(socket).catch(() => '');
  socket.write(
    `POST /v1/track HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${processAdminKey}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
  );
  return { answer, finish: () => socket.write(body.slice(10)) };
}
