import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { createSocketOutlet } from '../../../src/entrypoints/server/live/socket-outlet.ts';
import { range } from '../../support/change-log.ts';
import { createLiveLog, settle } from '../../support/live-group.ts';
import { openWebSocketPair, type WebSocketPair } from '../../support/web-socket-pair.ts';

const pairs: WebSocketPair[] = [];
afterEach(async () => {
  for (const pair of pairs.splice(0)) await pair.close();
});

/** A socket whose flushes the test runs. */
async function open() {
  const pair = await openWebSocketPair();
  pairs.push(pair);
  const flushes: Array<() => void> = [];
  const add = (flush: () => void) => void flushes.push(flush);
  const outlet = createSocketOutlet(pair.socket, pair.connection, { add });
  const live = createLiveLog();
  const { group, state } = live.openGroup();
  const failures: Error[] = [];
  return {
    ...pair,
    live,
    state,
    group,
    outlet,
    failures,
    flushes,
    subscribe: (id: string) =>
      outlet.forOperation(id).attach(
        (wake) => group.join(0n, wake),
        (error) => failures.push(error),
      ),
    /** Publishes, and waits until it is executed. */
    async publish(count: number) {
      await live.publish(count);
      await settle();
    },
    flush() {
      for (const flush of flushes.splice(0)) flush();
    },
  };
}

const message = (id: string, position: number) =>
  `{"id":"${id}","type":"next","payload":{"data":${position}}}`;

it('gathers the frames of all subscriptions of a socket into one write', async () => {
  const socket = await open();
  socket.subscribe('a');
  socket.subscribe('b');
  socket.flush();
  await socket.publish(2);
  let writes = 0;
  const { write } = socket.connection;
  socket.connection.write = ((...args: Parameters<typeof write>) => {
    writes += 1;
    return write.apply(socket.connection, args);
  }) as typeof write;

  socket.flush();
  await socket.untilReceived(4);

  expect(socket.received).toEqual([
    message('a', 1),
    message('a', 2),
    message('b', 1),
    message('b', 2),
  ]);
  expect(writes).toBe(1);
});

it('queues one flush however often its subscriptions are woken', async () => {
  const socket = await open();
  socket.subscribe('a');
  socket.subscribe('b');
  await socket.publish(1);
  await socket.publish(1);

  expect(socket.flushes).toHaveLength(1);
});

it('takes nothing while the connection needs to drain, and goes on when it has', async () => {
  const socket = await open();
  const { member } = socket.subscribe('a');
  socket.flush();
  // The client reads nothing, so that this stays in the buffer of the connection.
  socket.client.pause();
  const filler = 'x'.repeat(1_000_000);
  let fillers = 0;
  while (!socket.connection.writableNeedDrain) {
    socket.socket.send(filler);
    fillers += 1;
    // The kernel takes some of it.
    await settle();
  }
  await socket.publish(3);

  socket.flush();
  await socket.publish(3);
  const whileFull = { position: member.position(), flushes: socket.flushes.length };
  const drained = once(socket.connection, 'drain');
  socket.client.resume();
  await drained;
  socket.flush();
  await socket.untilReceived(fillers + 6);

  expect(whileFull).toEqual({ position: 0n, flushes: 0 });
  expect(socket.received.slice(fillers)).toEqual(range(1, 6).map((at) => message('a', at)));
});

it('writes a client that is far behind in bounded writes, in order', async () => {
  const socket = await open();
  socket.subscribe('a');
  const writes: number[] = [];
  const { write } = socket.connection;
  socket.connection.write = ((chunk: Buffer) => {
    writes.push(chunk.length);
    return write.call(socket.connection, chunk);
  }) as typeof write;
  await socket.publish(30_000);
  while (socket.received.length < 30_000) {
    socket.flush();
    await settle();
  }

  expect(socket.received).toEqual(range(1, 30_000).map((at) => message('a', at)));
  expect(Math.max(...writes)).toBeLessThan(64 * 1024 * 5);
});

it('writes nothing after the socket was closed, as the revocation of a key does', async () => {
  const socket = await open();
  const { member } = socket.subscribe('a');
  const other = socket.group.join(0n, () => undefined);
  socket.flush();
  await socket.publish(1);
  const closed = once(socket.client, 'close');

  socket.socket.close(4403, 'The key was revoked');
  socket.flush();
  socket.outlet.forOperation('b').write(other.take(1_000));
  const [code] = await closed;

  expect(code).toBe(4403);
  expect(socket.received).toEqual([]);
  expect(member.position()).toBe(0n);
});

it('writes nothing for a subscription that was detached', async () => {
  const socket = await open();
  const [left] = [socket.subscribe('left'), socket.subscribe('present')];
  socket.flush();
  await socket.publish(1);

  left.detach();
  left.member.leave();
  socket.flush();
  await socket.untilReceived(1);

  expect(socket.received).toEqual([message('present', 1)]);
});

it('reports the failure of one subscription after its last frame, and writes for the others', async () => {
  const socket = await open();
  socket.subscribe('a');
  const other = socket.live.openGroup();
  const otherFailures: Error[] = [];
  socket.outlet.forOperation('b').attach(
    (wake) => other.group.join(0n, wake),
    (error) => otherFailures.push(error),
  );
  socket.flush();
  await socket.publish(1);
  socket.state.failure = new Error('broken');
  await socket.publish(1);

  socket.flush();
  await socket.untilReceived(3);

  expect(socket.received).toEqual([message('a', 1), message('b', 1), message('b', 2)]);
  expect(socket.failures.map((error) => error.message)).toEqual(['broken']);
  expect(otherFailures).toEqual([]);
});
