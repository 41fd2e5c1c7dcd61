import type { ExecutionResult } from 'graphql';
import { expect, it, vi } from 'vitest';
import { createDeliveries } from '../../../src/entrypoints/server/live/deliveries.ts';
import {
  createResultReader,
  type ResultReader,
} from '../../../src/entrypoints/server/live/result-reader.ts';
import {
  createSharedReader,
  type DeliveryGroups,
} from '../../../src/entrypoints/server/live/shared-reader.ts';
import { createLog } from '../../support/change-log.ts';

/** A log that grows by hand, and subscriptions to it that count executions. */
function setUp() {
  const log = createLog();
  const groups: DeliveryGroups = new Map();
  let executed = 0;
  const execute = async (events: readonly unknown[]): Promise<ExecutionResult[]> => {
    executed += events.length;
    return events.map((event) => ({ data: {}, extensions: { ...(event as object) } }));
  };
  const open = async (after: bigint) => createResultReader(log.follow(after), execute);
  const reopen = vi.fn(
    async (cursor: string): Promise<ResultReader | undefined> =>
      open(BigInt(cursor.split('.')[1] ?? '')),
  );

  async function subscribe(after = log.head(), key = 'same') {
    const reader = createSharedReader({ groups, key, own: await open(after), reopen });
    return createDeliveries(reader, { onRevoked: () => () => undefined });
  }
  return { log, groups, subscribe, reopen, executed: () => executed };
}

async function take(deliveries: AsyncIterator<ExecutionResult>, count: number) {
  const positions: string[] = [];
  while (positions.length < count) {
    const { value } = await deliveries.next();
    positions.push(String(value?.extensions?.['cursor']).split('.')[1] ?? '');
  }
  return positions;
}

const positions = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

it('executes a change once for all subscriptions with the same key', async () => {
  const { log, subscribe, executed } = setUp();
  const subscribers = await Promise.all(Array.from({ length: 20 }, () => subscribe()));
  const pulled = subscribers.map((one) => take(one, 3));
  await log.settle();

  for (let change = 0; change < 3; change += 1) await log.append();

  expect(await Promise.all(pulled)).toEqual(subscribers.map(() => ['1', '2', '3']));
  expect(executed()).toBe(3);
});

it('executes a change for each key', async () => {
  const { log, subscribe, executed } = setUp();
  const subscribers = [await subscribe(0n, 'a'), await subscribe(0n, 'b')];
  const pulled = subscribers.map((one) => take(one, 1));
  await log.settle();

  await log.append();

  expect(await Promise.all(pulled)).toEqual([['1'], ['1']]);
  expect(executed()).toBe(2);
});

it('delivers missed changes from the log, then joins without gap or repeat', async () => {
  const { log, subscribe, executed } = setUp();
  const live = await subscribe();
  const pulledLive = take(live, 12);
  await log.settle();
  for (let change = 0; change < 10; change += 1) await log.append();

  const resumed = await subscribe(4n);
  const pulledResumed = take(resumed, 8);
  await log.settle();
  await log.append();
  await log.append();

  expect(await pulledLive).toEqual(positions(1, 12));
  expect(await pulledResumed).toEqual(positions(5, 12));
  // Ten for the first, six that the second missed, two for both.
  expect(executed()).toBe(18);
});

it('lets a member that does not read resume from the log', async () => {
  const { log, subscribe, reopen } = setUp();
  const [slow, fast] = [await subscribe(), await subscribe()];
  const first = Promise.all([take(slow, 1), take(fast, 1)]);
  await log.settle();
  await log.append();
  await first;

  const pulled = take(fast, 5_000);
  for (let change = 0; change < 5_000; change += 1) await log.append();
  await pulled;

  expect(await take(slow, 5_000)).toEqual(positions(2, 5_001));
  expect(reopen).toHaveBeenCalledTimes(1);
});

it('ends the group with its last subscription', async () => {
  const { log, groups, subscribe } = setUp();
  const [one, other] = [await subscribe(), await subscribe()];
  const waiting = [one.next(), other.next()];
  await log.settle();
  expect(groups.size).toBe(1);

  await one.return?.();
  expect(groups.size).toBe(1);
  await other.return?.();

  expect(groups.size).toBe(0);
  expect(log.followers()).toBe(0);
  expect((await Promise.all(waiting)).map(({ done }) => done)).toEqual([true, true]);
});

it('goes on for the others when the subscription that founded the group leaves', async () => {
  const { log, subscribe } = setUp();
  const founder = await subscribe();
  const founding = founder.next();
  await log.settle();
  const other = await subscribe();
  const pulled = take(other, 2);
  await log.settle();

  await founder.return?.();
  await founding;
  await log.append();
  await log.append();

  expect(await pulled).toEqual(['1', '2']);
});

it('reads on only when a member has read what is kept, however many changes there are', async () => {
  const { log, subscribe, executed } = setUp();
  const members = await Promise.all([subscribe(), subscribe()]);
  const first = Promise.all(members.map((one) => take(one, 1)));
  await log.settle();
  for (let change = 0; change < 1_000; change += 1) await log.append();
  await first;
  await log.settle();

  const readAhead = executed();

  expect(readAhead).toBeLessThanOrEqual(2 * 64);
  expect(await take(members[0] as never, 999)).toEqual(positions(2, 1_000));
});

it('resumes a lagging member once the database is back', async () => {
  const { log, subscribe, reopen } = setUp();
  const [slow, fast] = [await subscribe(), await subscribe()];
  const first = Promise.all([take(slow, 1), take(fast, 1)]);
  await log.settle();
  await log.append();
  await first;
  const pulled = take(fast, 1_000);
  for (let change = 0; change < 1_000; change += 1) await log.append();
  await pulled;
  reopen.mockResolvedValueOnce(undefined);

  expect(await take(slow, 1_000)).toEqual(positions(2, 1_001));
  expect(reopen).toHaveBeenCalledTimes(2);
});
