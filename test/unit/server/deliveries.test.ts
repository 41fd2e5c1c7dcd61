import { setTimeout as pause } from 'node:timers/promises';
import type { ExecutionResult } from 'graphql';
import { expect, it } from 'vitest';
import type { ChangeStream } from '../../../src/engine/changes/hub.ts';
import {
  createDeliveries,
  type DeliveryOptions,
} from '../../../src/entrypoints/server/live/deliveries.ts';
import {
  createResultReader,
  type Execute,
} from '../../../src/entrypoints/server/live/result-reader.ts';

interface Event {
  cursor: string;
}

/** A source controlled by the test, which counts how often it was returned. */
function createSource() {
  const waiting: Array<(result: IteratorResult<Event>) => void> = [];
  const queue: Event[] = [];
  const state = { examined: 'e.0', left: 0, deregistered: 0 };
  const source: ChangeStream<unknown> = {
    next: () =>
      new Promise((resolve) => {
        const value = queue.shift();
        if (value) resolve({ done: false, value });
        else waiting.push(resolve);
      }),
    async return() {
      state.left += 1;
      for (const resolve of waiting.splice(0)) resolve({ done: true, value: undefined });
      return { done: true, value: undefined };
    },
    examined: () => state.examined,
    caughtUp: Promise.resolve(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  const feed = (value: Event) => {
    const resolve = waiting.shift();
    if (resolve) resolve({ done: false, value });
    else queue.push(value);
  };
  return { source, feed, state };
}

const results = async (events: readonly unknown[]): Promise<ExecutionResult[]> =>
  events.map((event) => ({ data: {}, extensions: { ...(event as Event) } }));

function open(options: Omit<DeliveryOptions, 'onRevoked'> = {}, execute: Execute = results) {
  const { source, feed, state } = createSource();
  let revoke: () => void = () => undefined;
  const deliveries = createDeliveries(createResultReader(source, execute), {
    ...options,
    onRevoked(close) {
      revoke = close;
      return () => {
        state.deregistered += 1;
      };
    },
  });
  return { deliveries, feed, state, revoke: () => revoke() };
}

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

const cursorOf = ({ value }: IteratorResult<ExecutionResult>) => value?.extensions?.['cursor'];

it('starts with a heartbeat of the examined position and repeats it when nothing else arrives', async () => {
  const { deliveries, feed, state } = open({ heartbeatMs: 5 });

  const first = await deliveries.next();
  state.examined = 'e.3';
  const quiet = await deliveries.next();
  feed({ cursor: 'e.4' });
  const delivery = await deliveries.next();

  expect([first, quiet, delivery].map(cursorOf)).toEqual(['e.0', 'e.3', 'e.4']);
  expect([first, quiet, delivery].map(({ value }) => 'data' in value)).toEqual([
    false,
    false,
    true,
  ]);
});

it('reports no position beyond events that are not delivered yet', async () => {
  let works = false;
  const { deliveries, feed, state } = open({ heartbeatMs: 5 }, async (events) =>
    works ? results(events) : undefined,
  );
  await deliveries.next();
  feed({ cursor: 'e.1' });
  await deliveries.next();

  feed({ cursor: 'e.2' });
  state.examined = 'e.9';
  const duringTheOutage = await deliveries.next();
  works = true;
  const delivered = [await deliveries.next()];
  while (cursorOf(delivered.at(-1) as IteratorResult<ExecutionResult>) !== 'e.2')
    delivered.push(await deliveries.next());

  expect(cursorOf(duringTheOutage)).toBe('e.0');
  expect(delivered.map(cursorOf)).toEqual(['e.1', 'e.2']);
});

it('produces nothing that is not pulled: a slow reader accumulates no heartbeats and has no timer', async () => {
  const before = timers();
  const { deliveries, feed } = open({ heartbeatMs: 1 });
  await deliveries.next();

  await pause(20);
  const held = timers();
  feed({ cursor: 'e.1' });
  const next = await deliveries.next();

  expect(held).toBeLessThanOrEqual(before);
  expect(cursorOf(next)).toBe('e.1');
});

it.each<[string, (opened: ReturnType<typeof open>, leave: AbortController) => unknown]>([
  ['its client returns', ({ deliveries }) => deliveries.return?.()],
  ['its client is gone', (_opened, leave) => leave.abort()],
  ['its key is revoked', ({ revoke }) => revoke()],
])('releases everything once when %s, also for a waiting reader', async (_what, end) => {
  const before = timers();
  const leaving = new AbortController();
  const opened = open({ heartbeatMs: 60_000, signal: leaving.signal });
  await opened.deliveries.next();
  const waiting = opened.deliveries.next();

  await end(opened, leaving);
  await end(opened, leaving);
  const [waited, later] = [await waiting, await opened.deliveries.next()];

  expect([waited.done, later.done]).toEqual([true, true]);
  expect(opened.state).toMatchObject({ left: 1, deregistered: 1 });
  expect(timers()).toBe(before);
});

it('ends immediately for a client that has already disconnected', async () => {
  const { deliveries, state } = open({ heartbeatMs: 60_000, signal: AbortSignal.abort() });

  expect(await deliveries.next()).toEqual({ done: true, value: undefined });
  expect(state).toMatchObject({ left: 1, deregistered: 1 });
});
