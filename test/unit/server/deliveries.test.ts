import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import {
  createDeliveries,
  type DeliveryOptions,
} from '../../../src/entrypoints/server/live/deliveries.ts';
import type { StreamResult } from '../../../src/entrypoints/server/live/delivery.ts';
import type { EndReason } from '../../../src/entrypoints/server/live/live-counts.ts';
import type { LiveStream } from '../../../src/entrypoints/server/live/live-stream.ts';
import { createLiveLog, openStream, settle, stateDelivery } from '../../support/live-group.ts';

/** A stream of a group, its deliveries, and what it left behind. */
function open(options: Omit<DeliveryOptions, 'onEnd'> = {}, overrides: Partial<LiveStream> = {}) {
  const live = createLiveLog();
  const { group, state: groupState } = live.openGroup();
  let deregistered = 0;
  let end: (reason: EndReason, error?: Error) => void = () => undefined;
  const { stream, ends } = openStream(group, overrides);
  const deliveries = createDeliveries(stream, {
    ...options,
    onEnd(onEnd) {
      end = onEnd;
      return () => {
        deregistered += 1;
      };
    },
  });
  return {
    live,
    group,
    groupState,
    deliveries,
    end: (reason: EndReason, error?: Error) => end(reason, error),
    left: () => ({ groups: groupState.ended, deregistered, ends }),
  };
}

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

const cursorOf = ({ value }: IteratorResult<StreamResult>) => value?.extensions.cursor;
const isHeartbeat = ({ value }: IteratorResult<StreamResult>) => value?.delivery === undefined;

it('starts with a heartbeat of the examined position and repeats it when nothing else arrives', async () => {
  const { live, deliveries } = open({ heartbeatMs: 5 });

  const first = await deliveries.next();
  const quiet = await deliveries.next();
  await live.publish(1);
  let delivery = await deliveries.next();
  while (isHeartbeat(delivery)) delivery = await deliveries.next();

  expect([first, quiet].map(isHeartbeat)).toEqual([true, true]);
  expect([first, quiet, delivery].map(cursorOf)).toEqual([
    'testepoch.0',
    'testepoch.0',
    'testepoch.1',
  ]);
});

it('delivers the state before the changes', async () => {
  const { live, deliveries } = open({}, { first: async () => [stateDelivery] });
  await live.publish(1);

  const results = [await deliveries.next(), await deliveries.next()];

  expect(results.map(({ value }) => String(value.delivery?.payload))).toEqual([
    '{"data":"state"}',
    '{"data":1}',
  ]);
});

it('ends after the first delivery of a stream without changes', async () => {
  const { deliveries, left } = open({}, { first: async () => [stateDelivery], join: undefined });

  const results = [await deliveries.next(), await deliveries.next()];

  expect(results.map(({ done }) => done)).toEqual([false, true]);
  expect(left()).toEqual({ groups: 0, deregistered: 1, ends: ['CLIENT'] });
});

it('produces nothing that is not pulled: a slow reader accumulates no heartbeats and has no timer', async () => {
  const before = timers();
  const { live, deliveries } = open({ heartbeatMs: 1 });
  await deliveries.next();

  await settle();
  const pending = timers();
  await live.publish(1);
  let next = await deliveries.next();
  while (isHeartbeat(next)) next = await deliveries.next();

  expect(pending).toBeLessThanOrEqual(before);
  expect(cursorOf(next)).toBe('testepoch.1');
});

type End = (opened: ReturnType<typeof open>, leave: AbortController) => unknown;

it.each<[string, EndReason, End]>([
  ['its client returns', 'CLIENT', ({ deliveries }) => deliveries.return?.()],
  ['its client is gone', 'CLIENT', (_opened, leave) => leave.abort()],
  ['its key is revoked', 'REVOKED', ({ end }) => end('REVOKED')],
])(
  'releases and counts everything once when %s, also for a waiting reader',
  async (_what, reason, end) => {
    const before = timers();
    const leaving = new AbortController();
    const opened = open({ heartbeatMs: 60_000, signal: leaving.signal });
    await opened.deliveries.next();
    const waiting = opened.deliveries.next();
    await setImmediate();

    await end(opened, leaving);
    await end(opened, leaving);
    const [waited, later] = [await waiting, await opened.deliveries.next()];

    expect([waited.done, later.done]).toEqual([true, true]);
    expect(opened.left()).toEqual({ groups: 1, deregistered: 1, ends: [reason] });
    expect(timers()).toBe(before);
  },
);

it('fails once when the server ends, so that its client resumes', async () => {
  const { deliveries, end, left } = open();
  const waiting = deliveries.next();
  await setImmediate();

  end('SHUTDOWN', new Error('ending'));

  await expect(waiting).rejects.toThrow('ending');
  expect(await deliveries.next()).toEqual({ done: true, value: undefined });
  expect(left()).toEqual({ groups: 1, deregistered: 1, ends: ['SHUTDOWN'] });
});

it('fails with the error of its group, after the deliveries before it', async () => {
  const { live, groupState, deliveries, left } = open();
  const first = deliveries.next();
  await settle();
  await live.publish(2);
  await settle();
  groupState.failure = new Error('broken');
  await live.publish(1);
  await settle();

  const delivered = [await first, await deliveries.next()];

  expect(delivered.map(cursorOf)).toEqual(['testepoch.1', 'testepoch.2']);
  await expect(deliveries.next()).rejects.toThrow('broken');
  expect(await deliveries.next()).toEqual({ done: true, value: undefined });
  expect(left()).toEqual({ groups: 1, deregistered: 1, ends: ['ERROR'] });
});

it('fails when its state cannot be executed', async () => {
  const { deliveries, left } = open({}, { first: () => Promise.reject(new Error('broken')) });

  await expect(deliveries.next()).rejects.toThrow('broken');

  expect(left()).toEqual({ groups: 0, deregistered: 1, ends: ['ERROR'] });
});

it('delivers no state to a client that left while it was executed', async () => {
  const executed = Promise.withResolvers<[typeof stateDelivery]>();
  const { deliveries, left } = open({}, { first: () => executed.promise });
  const waiting = deliveries.next();

  await deliveries.return?.();
  executed.resolve([stateDelivery]);

  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(left()).toEqual({ groups: 0, deregistered: 1, ends: ['CLIENT'] });
});

it('ends immediately for a client that has already disconnected', async () => {
  const { deliveries, left, live } = open({ heartbeatMs: 60_000, signal: AbortSignal.abort() });

  expect(await deliveries.next()).toEqual({ done: true, value: undefined });
  expect(left()).toEqual({ groups: 0, deregistered: 1, ends: ['CLIENT'] });
  expect(live.counts.due).toBe(0);
});
