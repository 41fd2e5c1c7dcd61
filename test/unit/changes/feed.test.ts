import { expect, it } from 'vitest';
import { createFeed } from '../../../src/engine/changes/feed.ts';
import type { Change } from '../../../src/engine/changes/kinds.ts';

const instant = new Date('2024-01-01T00:00:00Z');
const changeAt = (position: number): Change => ({
  kind: 'CUSTOMER_CREATED',
  customerId: 'c',
  at: instant,
  recordedAt: instant,
  data: {},
  position: BigInt(position),
});

/** A feed on a log in memory that grows by `append`; `reads` are the positions it was read from. */
function startFeed(start: number) {
  const log: Change[] = [];
  const reads: number[] = [];
  let gate: Promise<void> | undefined;
  const feed = createFeed(BigInt(start), async (after, limit) => {
    reads.push(Number(after));
    await gate;
    return log.filter(({ position }) => position > after).slice(0, limit);
  });
  return {
    ...feed,
    reads,
    append: (...positions: number[]) => void log.push(...positions.map(changeAt)),
    hold(until: Promise<void>) {
      gate = until;
    },
  };
}

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
const positions = (changes: readonly Change[] | undefined) =>
  changes?.map(({ position }) => Number(position));

it('serves the changes it has read since it started', async () => {
  const feed = startFeed(5);
  feed.append(6, 7, 8);

  await feed.wake();

  expect(positions(feed.recent(5n))).toEqual([6, 7, 8]);
  expect(positions(feed.recent(7n))).toEqual([8]);
  expect(positions(feed.recent(8n))).toEqual([]);
});

it('refers readers of older changes to the table', async () => {
  const feed = startFeed(5);
  const beforeAnything = feed.recent(4n);
  feed.append(6);

  await feed.wake();

  expect(beforeAnything).toBeUndefined();
  expect(feed.recent(4n)).toBeUndefined();
  expect(positions(feed.recent(5n))).toEqual([6]);
});

it('reads until it has caught up', async () => {
  const feed = startFeed(0);
  feed.append(...range(1, 2_500));

  await feed.wake();

  expect(positions(feed.recent(0n))).toEqual(range(1, 2_500));
  expect(feed.reads).toEqual([0, 1_000, 2_000]);
});

it('evicts the oldest changes without gaps in the rest', async () => {
  const feed = startFeed(0);
  feed.append(...range(1, 20_500));

  await feed.wake();

  expect(feed.recent(0n)).toBeUndefined();
  expect(positions(feed.recent(16_404n))).toEqual(range(16_405, 20_500));
});

it('fails when the log has a gap, and returns nothing past it', async () => {
  const feed = startFeed(0);
  feed.append(1, 3);

  await expect(feed.wake()).rejects.toThrow('has a gap: 3 follows 1');

  expect(positions(feed.recent(0n))).toEqual([1]);
});

it('shares one read among concurrent wake-ups and reads once more afterwards', async () => {
  const feed = startFeed(0);
  const { promise, resolve } = Promise.withResolvers<void>();
  feed.hold(promise);
  feed.append(1);

  const wakes = [feed.wake(), feed.wake(), feed.wake()];
  feed.append(2);
  resolve();
  await Promise.all(wakes);

  expect(feed.reads).toEqual([0, 2]);
  expect(positions(feed.recent(0n))).toEqual([1, 2]);
});

it('reads again after a failed read', async () => {
  let fails = true;
  const feed = createFeed(0n, async () => {
    if (fails) throw new Error('away');
    return [changeAt(1)];
  });
  await expect(feed.wake()).rejects.toThrow('away');
  fails = false;

  await feed.wake();

  expect(positions(feed.recent(0n))).toEqual([1]);
});

it('wakes waiting readers when there are changes after their position', async () => {
  const feed = startFeed(0);
  const { signal } = new AbortController();
  const woken: number[] = [];
  const waiting = [0, 1].map((after) =>
    feed.waitForChange(BigInt(after), signal).then(() => woken.push(after)),
  );

  feed.append(1);
  await feed.wake();
  await waiting[0];
  const wokenFirst = [...woken];
  feed.append(2);
  await feed.wake();
  await waiting[1];

  expect(wokenFirst).toEqual([0]);
  expect(woken).toEqual([0, 1]);
});

it('releases readers whose signal aborts', async () => {
  const feed = startFeed(0);
  const leaving = new AbortController();
  const waiting = feed.waitForChange(0n, leaving.signal);

  leaving.abort();

  await expect(waiting).resolves.toBeUndefined();
  await expect(feed.waitForChange(0n, leaving.signal)).resolves.toBeUndefined();
});
