import { afterEach, expect, it } from 'vitest';
import type { EndReason } from '../../../src/entrypoints/server/live/live-counts.ts';
import { settle, stateDelivery } from '../../support/live-group.ts';
import {
  changeMessage,
  nextMessage,
  type OpenOutlet,
  openOutlet,
} from '../../support/live-outlet.ts';

const outlets: OpenOutlet[] = [];
afterEach(async () => {
  for (const outlet of outlets.splice(0)) await outlet.close();
});

async function open() {
  const outlet = await openOutlet();
  outlets.push(outlet);
  return outlet;
}

const stateMessage = (id: string) => nextMessage(id, '{"data":"state"}');
const over = { done: true, value: undefined };

it('writes the state and then the changes, while one pull waits for the end', async () => {
  const socket = await open();
  const first = async () => [stateDelivery];
  const { subscription, ends } = await socket.subscribe('a', { first });
  const waiting = subscription.next();
  socket.flush();
  await socket.publish(2);
  socket.flush();
  await socket.untilReceived(3);

  subscription.end();

  expect(await waiting).toEqual(over);
  expect(socket.received).toEqual([
    stateMessage('a'),
    changeMessage('a', 1),
    changeMessage('a', 2),
  ]);
  expect(ends).toEqual(['CLIENT']);
  expect(socket.state.ended).toBe(1);
});

it('has started once it is given a stream, which a query is not', async () => {
  const socket = await open();
  const { subscription, stream } = socket.prepare('a');
  const before = subscription.hasStarted();

  subscription.start(stream);

  expect([before, subscription.hasStarted()]).toEqual([false, true]);
});

it('is over at once as the iterator of an operation that is no subscription', async () => {
  const socket = await open();
  const { subscription, ends } = socket.prepare('a');

  expect(await subscription.next()).toEqual(over);
  subscription.end();

  expect(ends).toEqual([]);
});

it('joins once its state is written, and is then delivered what happened meanwhile', async () => {
  const socket = await open();
  const executed = Promise.withResolvers<[typeof stateDelivery]>();
  const { subscription } = await socket.subscribe('a', { first: () => executed.promise });
  socket.group.join(0n, () => undefined);
  await socket.publish(2);
  const early = socket.queued.length;

  executed.resolve([stateDelivery]);
  await settle();
  socket.flush();
  await socket.untilReceived(3);
  subscription.end();

  expect(early).toBe(0);
  expect(socket.received).toEqual([
    stateMessage('a'),
    changeMessage('a', 1),
    changeMessage('a', 2),
  ]);
});

it('completes after a reset, and joins nothing', async () => {
  const socket = await open();
  const reset = { first: async () => [stateDelivery], join: undefined };
  const { subscription, ends } = await socket.subscribe('a', reset);

  expect(await subscription.next()).toEqual(over);

  await socket.untilReceived(1);
  expect(socket.received).toEqual([stateMessage('a')]);
  expect(ends).toEqual(['CLIENT']);
  expect([...socket.group.members()]).toEqual([]);
});

it('fails when its state cannot be executed, and joins nothing', async () => {
  const socket = await open();
  const first = () => Promise.reject(new Error('broken'));
  const { subscription, ends } = await socket.subscribe('a', { first });

  await expect(subscription.next()).rejects.toThrow('broken');
  subscription.end();

  expect(ends).toEqual(['ERROR']);
  expect([...socket.group.members()]).toEqual([]);
});

it('fails with the error of its group, and leaves it', async () => {
  const socket = await open();
  const { subscription, ends } = await socket.subscribe('a');
  const waiting = subscription.next();
  socket.flush();
  socket.state.failure = new Error('broken');
  await socket.publish(1);

  socket.flush();

  await expect(waiting).rejects.toThrow('broken');
  expect(ends).toEqual(['ERROR']);
  expect([...socket.group.members()]).toEqual([]);
});

it('writes no state to a client that left while it was executed, and joins nothing', async () => {
  const socket = await open();
  const executed = Promise.withResolvers<[typeof stateDelivery]>();
  const { subscription, ends } = await socket.subscribe('a', { first: () => executed.promise });
  const waiting = subscription.next();

  subscription.end();
  executed.resolve([stateDelivery]);
  await settle();
  socket.socket.send('end');
  await socket.untilReceived(1);

  expect(await waiting).toEqual(over);
  expect(socket.received).toEqual(['end']);
  expect(ends).toEqual(['CLIENT']);
  expect([...socket.group.members()]).toEqual([]);
});

it('executes nothing for a client that left before the stream began, and counts its end', async () => {
  const socket = await open();
  let executions = 0;
  const first = async () => {
    executions += 1;
    return [stateDelivery];
  };
  const { subscription, stream, ends } = socket.prepare('a', { first });
  subscription.end();

  subscription.start(stream);
  await settle();

  expect(await subscription.next()).toEqual(over);
  expect(executions).toBe(0);
  expect(ends).toEqual(['CLIENT']);
});

it('releases its limits once, however often it ends, and at once if it has ended before', async () => {
  const socket = await open();
  const { subscription } = await socket.subscribe('a');
  let released = 0;
  const release = () => {
    released += 1;
  };
  subscription.whenEnded(release);
  const whileOpen = released;

  subscription.end();
  subscription.end(new Error('late'));
  const afterEnd = released;
  subscription.whenEnded(release);

  expect([whileOpen, afterEnd, released]).toEqual([0, 1, 2]);
});

type End = (socket: OpenOutlet, of: Awaited<ReturnType<OpenOutlet['subscribe']>>) => unknown;

it.each<[string, EndReason, End]>([
  ['its client completes it', 'CLIENT', (_socket, { subscription }) => subscription.end()],
  ['graphql-ws returns it', 'CLIENT', (_socket, { subscription }) => subscription.return()],
  [
    'graphql-ws throws into it',
    'CLIENT',
    (_socket, { subscription }) => subscription.throw(new Error('thrown')).catch(() => undefined),
  ],
  ['its key is revoked', 'REVOKED', ({ outlet }) => outlet.close('REVOKED', 4403, 'revoked')],
  ['its client is too slow', 'TOO_SLOW', ({ outlet }) => outlet.close('TOO_SLOW', 1013, 'slow')],
  ['the server ends', 'SHUTDOWN', ({ outlet }) => outlet.close('SHUTDOWN', 1001, 'shutdown')],
])('counts its end once with its reason when %s', async (_what, reason, end) => {
  const socket = await open();
  const opened = await socket.subscribe('a');
  const waiting = opened.subscription.next();

  await end(socket, opened);
  opened.subscription.end();
  opened.subscription.end(new Error('late'));

  expect(await waiting).toEqual(over);
  expect(opened.ends).toEqual([reason]);
  expect(socket.state.ended).toBe(1);
});
