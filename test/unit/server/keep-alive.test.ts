import { once } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createKeepAlive, type KeepAlive } from '../../../src/entrypoints/server/keep-alive.ts';
import { settle } from '../../support/live-group.ts';
import { openWebSocketPair, type WebSocketPair } from '../../support/web-socket-pair.ts';

const periodMs = 12_000;

let keepAlive: KeepAlive;
const pairs: WebSocketPair[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  keepAlive = createKeepAlive();
});
afterEach(async () => {
  keepAlive.stop();
  vi.useRealTimers();
  for (const pair of pairs.splice(0)) await pair.close();
});

async function open(options: { answersPings?: boolean } = {}) {
  const pair = await openWebSocketPair(options);
  pairs.push(pair);
  keepAlive.watch(pair.socket);
  return pair;
}

const period = () => vi.advanceTimersByTime(periodMs);

/** The next period, up to the answers of these sockets. */
async function answeredPeriod(...answering: WebSocketPair[]) {
  const answers = answering.map(({ socket }) => once(socket, 'pong'));
  period();
  await Promise.all(answers);
}

const isOpen = ({ socket }: WebSocketPair) => socket.readyState === socket.OPEN;

it('terminates a socket that does not answer within two periods, and none that does', async () => {
  const live = await open();
  // More than it pings at a time.
  const dead = await Promise.all(Array.from({ length: 25 }, () => open({ answersPings: false })));
  const closed = dead.map(({ socket }) => once(socket, 'close'));

  await answeredPeriod(live);
  const openAfterFirst = dead.filter(isOpen).length;
  await answeredPeriod(live);
  const codes = (await Promise.all(closed)).map(([code]) => code);
  await answeredPeriod(live);

  expect(openAfterFirst).toBe(25);
  expect(new Set(codes)).toEqual(new Set([1006]));
  expect(isOpen(live)).toBe(true);
});

it('does not terminate a paused socket, whose answer the server cannot receive', async () => {
  const paused = await open();
  await answeredPeriod(paused);
  paused.socket.pause();

  for (let periods = 0; periods < 5; periods += 1) period();
  const isOpenWhilePaused = isOpen(paused);
  paused.socket.resume();
  await answeredPeriod(paused);
  await answeredPeriod(paused);

  expect([isOpenWhilePaused, isOpen(paused)]).toEqual([true, true]);
});

it('does not hold it against a socket that it was paused before it could answer', async () => {
  const paused = await open();

  // Pinged, and paused before the answer arrives.
  period();
  paused.socket.pause();
  period();
  const answered = once(paused.socket, 'pong');
  paused.socket.resume();
  await answered;
  await answeredPeriod(paused);

  expect(isOpen(paused)).toBe(true);
});

it('does not terminate a socket whose client has not read as far as the ping', async () => {
  const slow = await open();
  slow.client.pause();
  while (slow.socket.bufferedAmount === 0) {
    slow.socket.send('x'.repeat(1_000_000));
    // The kernel takes some of it.
    await settle();
  }

  for (let periods = 0; periods < 5; periods += 1) period();
  const isOpenWhileSlow = isOpen(slow);
  slow.client.resume();
  await once(slow.connection, 'drain');
  await answeredPeriod(slow);
  await answeredPeriod(slow);

  expect([isOpenWhileSlow, isOpen(slow)]).toEqual([true, true]);
});

it('terminates a dead socket within two periods of its resumption', async () => {
  const dead = await open({ answersPings: false });
  const closed = once(dead.socket, 'close');
  dead.socket.pause();
  period();
  period();

  dead.socket.resume();
  period();
  period();

  expect(await closed).toEqual([1006, Buffer.from('')]);
});

it('pings no socket that was closed, and none once it is stopped', async () => {
  const [left, present] = [await open(), await open()];
  const pings: string[] = [];
  left.client.on('ping', () => pings.push('left'));
  present.client.on('ping', () => pings.push('present'));
  const closed = once(left.socket, 'close');
  left.client.close();
  await closed;
  await answeredPeriod(present);

  keepAlive.stop();
  period();
  period();
  present.socket.send('after the pings');
  await present.untilReceived(1);

  expect(pings).toEqual(['present']);
  expect(isOpen(present)).toBe(true);
});
