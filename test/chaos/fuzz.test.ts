import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { cleanUp, createFolder, waitUntil } from '../support/embedded-owners.ts';
import {
  type Observed,
  type ObservedServer,
  startObservedServer,
} from '../support/observed-server.ts';
import { chosenSeed } from '../support/random.ts';
import { exchange, parseAnswer } from '../support/raw-connection.ts';
import { endServers, processAdminKey } from '../support/server-process.ts';
import { fragments, openings } from '../support/wire-fragments.ts';

const steps = 20_000;
const maxOpen = 80;
/** More than the server reads stays buffered in the client. */
const maxUnsent = 1_000_000;
const maxGrowthBytes = 64 * 1024 * 1024;

interface FuzzContext {
  server: ObservedServer;
  sockets: Socket[];
  done: number;
}
type Model = { open: number };
type Command = fc.AsyncCommand<Model, FuzzContext>;

afterEach(async () => {
  await endServers();
  await cleanUp();
}, 60_000);

it('survives arbitrary bytes in any state without leaking resources', async () => {
  const server = await startObservedServer(await createFolder());
  await warmUp(server);
  const before = await server.observe();
  const context: FuzzContext = { server, sockets: [], done: 0 };
  let seed = chosenSeed();
  console.log(`Seed ${seed}`);

  while (context.done < steps) {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 500, size: 'max' }), async (chosen) => {
        await fc.asyncModelRun(
          () => ({ model: { open: context.sockets.length }, real: context }),
          chosen,
        );
        const { exitCode, signalCode } = server.child;
        expect({ status: await health(server), exitCode, signalCode }, server.errors()).toEqual({
          status: 200,
          exitCode: null,
          signalCode: null,
        });
      }),
      { seed: seed++, numRuns: 5, endOnFailure: true },
    );
  }
  for (const socket of context.sockets) socket.destroy();

  const after = await backAtRest(server, before);
  console.log(`${context.done} steps`, { before, after });
  expect(server.child.exitCode).toBeNull();
  expect(await health(server)).toBe(200);
  // Warnings concern the database, which a busy machine may slow down.
  expect(server.errors()).not.toMatch(/"level":50/);
  expect(after.timers).toBeLessThanOrEqual(before.timers);
  expect(after.sockets).toBeLessThanOrEqual(before.sockets);
  expect(after.heapBytes - before.heapBytes).toBeLessThan(maxGrowthBytes);
});

/** Uses its own connection, because a pooled one may be closed at any time. */
async function health({ url }: ObservedServer): Promise<number> {
  const request = 'GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
  const answer = (await exchange(url, request)) || (await exchange(url, request));
  return parseAnswer(answer).status;
}

/** Loads what is loaded on the first request of its kind, so that it is not measured as a leak. */
async function warmUp({ url }: ObservedServer) {
  const get = (target: string, accept: string) =>
    exchange(
      url,
      `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept: ${accept}\r\nAuthorization: Bearer ${processAdminKey}\r\n\r\n`,
    );
  await get('/graphql', 'text/html');
  await Promise.all(
    Array.from({ length: 50 }, () => get('/graphql?query=%7Bworkspace%7Bname%7D%7D', '*/*')),
  );
}

/** Incomplete handshakes and idle database connections end by their timeouts. */
async function backAtRest(server: ObservedServer, before: Observed): Promise<Observed> {
  let after = await server.observe();
  await waitUntil(async () => {
    after = await server.observe();
    return after.timers <= before.timers && after.sockets <= before.sockets;
  }, 90_000).catch(() => undefined);
  return after;
}

/** Applies an action to one of the open connections. */
const onSocket = (name: string, act: (socket: Socket) => void) =>
  fc.nat().map(
    (pick): Command => ({
      check: ({ open }) => open > 0,
      async run(_model, context) {
        context.done += 1;
        const socket = context.sockets[pick % context.sockets.length];
        if (socket && !socket.destroyed) act(socket);
        // Nothing is sent without a turn of the event loop.
        await new Promise(setImmediate);
      },
      toString: () => `${name}(${pick})`,
    }),
  );

const send = fc.tuple(fc.nat(), fragments).map(
  ([pick, bytes]): Command => ({
    check: ({ open }) => open > 0,
    async run(_model, context) {
      context.done += 1;
      const socket = context.sockets[pick % context.sockets.length];
      if (socket?.writable && socket.writableLength < maxUnsent) socket.write(bytes);
      await new Promise(setImmediate);
    },
    toString: () => `send(${pick}, ${JSON.stringify(bytes.toString('latin1').slice(0, 80))})`,
  }),
);

const open = openings.map(
  (bytes): Command => ({
    check: () => true,
    async run(model, context) {
      context.done += 1;
      context.sockets = context.sockets.filter(({ destroyed }) => !destroyed);
      if (context.sockets.length >= maxOpen) context.sockets.shift()?.resetAndDestroy();
      context.sockets.push(await connectTo(context.server, bytes));
      model.open = context.sockets.length;
    },
    toString: () => `open(${JSON.stringify(bytes.toString('latin1').slice(0, 80))})`,
  }),
);

async function connectTo({ url }: ObservedServer, bytes: Buffer): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  socket.on('error', () => undefined).on('data', () => undefined);
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
}

const commands = [
  open,
  open,
  send,
  send,
  send,
  send,
  onSocket('stopReading', (socket) => socket.pause()),
  onSocket('readOn', (socket) => socket.resume()),
  onSocket('halfClose', (socket) => socket.end()),
  onSocket('reset', (socket) => socket.resetAndDestroy()),
];
