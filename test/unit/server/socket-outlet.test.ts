import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { framePrefix } from '../../../src/entrypoints/server/live/frames.ts';
import { range } from '../../support/change-log.ts';
import { settle } from '../../support/live-group.ts';
import { changeMessage, type OpenOutlet, openOutlet } from '../../support/live-outlet.ts';

const outlets: OpenOutlet[] = [];
afterEach(async () => {
  for (const outlet of outlets.splice(0)) await outlet.close();
});

async function open() {
  const outlet = await openOutlet();
  outlets.push(outlet);
  return outlet;
}

it('gathers the frames of all subscriptions of a socket into one write', async () => {
  const socket = await open();
  await socket.subscribe('a');
  await socket.subscribe('b');
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
    changeMessage('a', 1),
    changeMessage('a', 2),
    changeMessage('b', 1),
    changeMessage('b', 2),
  ]);
  expect(writes).toBe(1);
  expect(socket.written).toEqual([1n]);
});

it('queues one flush however often its subscriptions are woken', async () => {
  const socket = await open();
  await socket.subscribe('a');
  await socket.subscribe('b');
  await socket.publish(1);
  await socket.publish(1);

  expect(socket.queued).toHaveLength(1);
});

it('takes nothing while the connection needs to drain, and goes on when it has', async () => {
  const socket = await open();
  const { position } = await socket.subscribe('a');
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
  const whileFull = { position: position(), queued: socket.queued.length };
  const drained = once(socket.connection, 'drain');
  socket.client.resume();
  await drained;
  socket.flush();
  await socket.untilReceived(fillers + 6);

  expect(whileFull).toEqual({ position: 0n, queued: 0 });
  expect(socket.received.slice(fillers)).toEqual(range(1, 6).map((at) => changeMessage('a', at)));
});

it('writes a client that is far behind in bounded writes, in order', async () => {
  const socket = await open();
  await socket.subscribe('a');
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

  expect(socket.received).toEqual(range(1, 30_000).map((at) => changeMessage('a', at)));
  expect(Math.max(...writes)).toBeLessThan(64 * 1024 * 5);
});

it('writes nothing after the socket was closed, as the revocation of a key does', async () => {
  const socket = await open();
  const { position } = await socket.subscribe('a');
  const other = socket.group.join(0n, () => undefined);
  socket.flush();
  await socket.publish(1);
  const closed = once(socket.client, 'close');

  socket.socket.close(4403, 'The key was revoked');
  socket.flush();
  socket.outlet.writeNow({ prefix: framePrefix('b'), take: () => [] }, other.take(1_000));
  const [code] = await closed;

  expect(code).toBe(4403);
  expect([socket.received, socket.written]).toEqual([[], []]);
  expect(position()).toBe(0n);
});

it('writes nothing for a subscription that has ended', async () => {
  const socket = await open();
  const left = await socket.subscribe('left');
  await socket.subscribe('present');
  socket.flush();
  await socket.publish(1);

  left.subscription.end();
  socket.flush();
  await socket.untilReceived(1);

  expect(socket.received).toEqual([changeMessage('present', 1)]);
});

it('ends one subscription with its error after its last frame, and writes for the others', async () => {
  const socket = await open();
  const other = socket.live.openGroup();
  const failing = await socket.subscribe('a');
  const present = await socket.subscribe('b', {}, other.group);
  const ended = failing.subscription.next();
  socket.flush();
  await socket.publish(1);
  socket.state.failure = new Error('broken');
  await socket.publish(1);

  socket.flush();

  await expect(ended).rejects.toThrow('broken');
  await socket.untilReceived(3);
  expect(socket.received).toEqual([
    changeMessage('a', 1),
    changeMessage('b', 1),
    changeMessage('b', 2),
  ]);
  expect([failing.ends, present.ends]).toEqual([['ERROR'], []]);
});
