import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import {
  createDeliveries,
  type DeliveryOptions,
} from '../../../src/entrypoints/server/live/deliveries.ts';
import type { Delivery, StreamResult } from '../../../src/entrypoints/server/live/delivery.ts';
import type { LiveStream } from '../../../src/entrypoints/server/live/live-hub.ts';
import type { Attached, Outlet } from '../../../src/entrypoints/server/live/socket-outlet.ts';
import { createLiveLog, settle } from '../../support/live-group.ts';

const state: Delivery = {
  position: undefined,
  cursor: 'testepoch.0',
  recordedAt: undefined,
  payload: Buffer.from('{"data":"state"}'),
};

/** A stream of a group, its deliveries, and what it left behind. */
function open(
  options: Omit<DeliveryOptions, 'onEnd'> = {},
  { first = async () => [], ...stream }: Partial<LiveStream> = {},
) {
  const live = createLiveLog();
  const { group, state: groupState } = live.openGroup();
  let deregistered = 0;
  let end: (error?: Error) => void = () => undefined;
  const deliveries = createDeliveries(
    { cursor: 'testepoch.0', first, join: (wake) => group.join(0n, wake), ...stream },
    {
      ...options,
      onEnd(onEnd) {
        end = onEnd;
        return () => {
          deregistered += 1;
        };
      },
    },
  );
  return {
    live,
    group,
    groupState,
    deliveries,
    end: (error?: Error) => end(error),
    left: () => ({ groups: groupState.ended, deregistered }),
  };
}

/** Writes nothing, and records what it is given. */
function createOutlet() {
  const written: string[] = [];
  let detached = 0;
  let fail: (error: Error) => void = () => undefined;
  let member: Attached['member'] | undefined;
  const outlet: Outlet = {
    write(deliveries) {
      written.push(...deliveries.map(({ payload }) => String(payload)));
    },
    attach(join, onFailure) {
      fail = onFailure;
      member = join(() => undefined);
      return {
        member,
        detach() {
          detached += 1;
        },
      };
    },
  };
  return { outlet, written, detached: () => detached, fail: (error: Error) => fail(error) };
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
  const { live, deliveries } = open({}, { first: async () => [state] });
  await live.publish(1);

  const results = [await deliveries.next(), await deliveries.next()];

  expect(results.map(({ value }) => String(value.delivery?.payload))).toEqual([
    '{"data":"state"}',
    '{"data":1}',
  ]);
});

it('ends after the first delivery of a stream without changes', async () => {
  const { deliveries, left } = open({}, { first: async () => [state], join: undefined });

  const results = [await deliveries.next(), await deliveries.next()];

  expect(results.map(({ done }) => done)).toEqual([false, true]);
  expect(left().deregistered).toBe(1);
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

it.each<[string, (opened: ReturnType<typeof open>, leave: AbortController) => unknown]>([
  ['its client returns', ({ deliveries }) => deliveries.return?.()],
  ['its client is gone', (_opened, leave) => leave.abort()],
  ['its key is revoked', ({ end }) => end()],
])('releases everything once when %s, also for a waiting reader', async (_what, end) => {
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
  expect(opened.left()).toEqual({ groups: 1, deregistered: 1 });
  expect(timers()).toBe(before);
});

it('fails once when the server ends, so that its client resumes', async () => {
  const { deliveries, end, left } = open();
  const waiting = deliveries.next();
  await setImmediate();

  end(new Error('ending'));

  await expect(waiting).rejects.toThrow('ending');
  expect(await deliveries.next()).toEqual({ done: true, value: undefined });
  expect(left()).toEqual({ groups: 1, deregistered: 1 });
});

it('ends immediately for a client that has already disconnected', async () => {
  const { deliveries, left, live } = open({ heartbeatMs: 60_000, signal: AbortSignal.abort() });

  expect(await deliveries.next()).toEqual({ done: true, value: undefined });
  expect(left().deregistered).toBe(1);
  expect(live.counts.due).toBe(0);
});

it('has the outlet write the state and the changes while one pull waits for the end', async () => {
  const { outlet, written, detached } = createOutlet();
  const { deliveries, end, left } = open({ outlet }, { first: async () => [state] });

  const waiting = deliveries.next();
  await settle();
  end();

  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(written).toEqual(['{"data":"state"}']);
  expect(detached()).toBe(1);
  expect(left()).toEqual({ groups: 1, deregistered: 1 });
});

it('fails with the error of a member that the outlet writes for', async () => {
  const { outlet, fail } = createOutlet();
  const { deliveries, left } = open({ outlet });
  const waiting = deliveries.next();
  await settle();

  fail(new Error('broken'));

  await expect(waiting).rejects.toThrow('broken');
  expect(left()).toEqual({ groups: 1, deregistered: 1 });
});

it('writes no state to a client that left while it was executed', async () => {
  const { outlet, written } = createOutlet();
  const executed = Promise.withResolvers<Delivery[]>();
  const { deliveries } = open({ outlet }, { first: () => executed.promise });
  const waiting = deliveries.next();

  await deliveries.return?.();
  executed.resolve([state]);

  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(written).toEqual([]);
});
