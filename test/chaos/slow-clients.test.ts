import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp, createFolder } from '../support/embedded-owners.ts';
import { frame, message } from '../support/frames.ts';
import { handshake, openConnection, type RawConnection } from '../support/raw-connection.ts';
import { connectSocket } from '../support/raw-socket.ts';
import {
  endServers,
  processAdminKey,
  type ServerProcess,
  startServerProcess,
  whileAlive,
} from '../support/server-process.ts';

/** The maximum that a client may send in total before the test fails because the server reads without limit. */
const floodBytes = 48 * 1024 * 1024;
/** All clients together would send four times as much. */
const maxGrowthBytes = 200_000_000;
const clientsPerFlood = 4;

let server: ServerProcess;
let small: ServerProcess;

beforeAll(async () => {
  const heap = { NODE_OPTIONS: '--max-old-space-size=512 --max-semi-space-size=8' };
  server = await startServerProcess(await createFolder(), heap);
  small = await startServerProcess(await createFolder(), { STAGELINE_OUTGOING_BYTES: '4194304' });
});
afterAll(async () => {
  await endServers();
  await cleanUp();
});

const filler = 'x'.repeat(60_000);
const init = message({ type: 'connection_init', payload: { key: processAdminKey } });
let operations = 0;
const operation = (prefix: string) =>
  message({
    type: 'subscribe',
    id: `${prefix}${++operations}`,
    payload: { query: '{ nothing }' },
  });
const floods: Array<() => Buffer> = [
  () => message({ type: 'ping', payload: { filler } }),
  () => frame('ping', 'x'.repeat(125)),
  () => operation(filler.slice(0, 2_000)),
  () => operation(filler.slice(0, 50_000)),
];

it('limits memory for WebSockets that never read, and closes them', async () => {
  const before = await residentBytes(server);
  const sent = floods.flatMap((next) =>
    Array.from({ length: clientsPerFlood }, async () => flood(await openWebSocket(server), next)),
  );
  const most = await maxDuring(server, Promise.all(sent));

  const all = sum(await Promise.all(sent));
  console.log(`They sent ${megabytes(all)} MB, memory grew by ${megabytes(most - before)} MB`);
  expect(most - before).toBeLessThan(maxGrowthBytes);
  await isServed(server);
});

describe('all sockets together', () => {
  it('use no more than the limit: the largest are closed, a client that reads is served', async () => {
    const reader = await connectSocket(small.url, processAdminKey);
    const silent = await Promise.all(Array.from({ length: 60 }, () => openWebSocket(small)));
    const began = performance.now();
    const cut = Promise.any(
      silent.map((connection) =>
        flood(connection, () => message({ type: 'ping', payload: { filler } })),
      ),
    );
    await whileAlive(small, cut);
    const cutAfter = performance.now() - began;
    reader.send({ type: 'ping' });
    await reader.waitFor(({ type }) => type === 'pong');

    console.log(`The first of 60 was cut after ${Math.round(cutAfter)} ms`);
    // Each client is below its own limit: alone it would be closed after 30 seconds.
    expect(cutAfter).toBeLessThan(30_000);
    await isServed(small);
    for (const { socket } of silent) socket.destroy();
  });
});

describe('a slow HTTP client', () => {
  it('receives a response of several hundred kilobytes in full', async () => {
    const connection = await openConnection(server.url);
    connection.socket.pause();
    const query = JSON.stringify({ query: introspection });
    connection.write(
      `POST /graphql HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${query.length}\r\n\r\n${query}`,
    );
    await isServed(server);
    connection.socket.resume();
    const text = await connection.closed;

    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1.1 200 /);
    expect(body.length).toBeGreaterThan(256 * 1024);
    expect(JSON.parse(body)).toHaveProperty('data.a.types');
  });
});

const types =
  'types { name description fields { name description type { name } args { name description } } inputFields { name description } enumValues { name description } }';
const introspection = `{ a: __schema { ${types} } b: __schema { ${types} } c: __schema { ${types} } }`;

async function openWebSocket({ url }: ServerProcess): Promise<RawConnection> {
  const connection = await openConnection(url);
  connection.write(handshake('/graphql'));
  connection.write(init);
  await connection.until((text) => text.includes('connection_ack'));
  connection.socket.pause();
  return connection;
}

/** Sends without reading, as much as the server accepts, until the server closes the connection. */
async function flood({ socket, closed }: RawConnection, next: () => Buffer): Promise<number> {
  const drained = () => new Promise((resolve) => socket.once('drain', resolve));
  while (!socket.destroyed && socket.bytesWritten < floodBytes) {
    if (!socket.write(next())) await Promise.race([drained(), closed]);
  }
  if (!socket.destroyed) throw new Error('The server has taken everything');
  return socket.bytesWritten;
}

/** The maximum memory of the server while the work runs. */
async function maxDuring(of: ServerProcess, end: Promise<unknown>): Promise<number> {
  let most = 0;
  let isOver = false;
  const over = end.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    most = Math.max(most, await residentBytes(of));
    await Promise.race([over, of.ended, wait(100)]);
    if (of.child.exitCode !== null) throw new Error(`The server ended: ${of.errors()}`);
  }
  return most;
}

async function isServed({ url, errors }: ServerProcess) {
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect(errors()).not.toMatch(/"level":50/);
}

async function residentBytes({ pid }: ServerProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
}

const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);
const megabytes = (bytes: number) => Math.round(bytes / 1_000_000);
