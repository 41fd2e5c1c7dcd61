import { expect, it } from 'vitest';
import type { LogTail } from '../../../src/engine/changes/log-tail.ts';
import { changeAt, createChangeLog, positionsOf, range } from '../../support/change-log.ts';

/** The positions of all changes after a position, page by page. */
async function readAll(tail: LogTail, after: number) {
  const seen: number[] = [];
  for (let position = BigInt(after); position < tail.head(); ) {
    const page = await tail.pageAfter(position);
    const from = position;
    seen.push(...positionsOf((await page.select([])).filter((change) => change.position > from)));
    position = page.upTo;
  }
  return seen;
}

it('reads until it has caught up', async () => {
  const log = createChangeLog();
  const tail = log.openTail();
  log.grow(600);

  await tail.wake();

  expect(tail.head()).toBe(600n);
  expect(log.reads).toEqual([0, 256, 512]);
});

it.each([0, 1, 255, 256, 257, 9_000])(
  'has every change after position %i, from memory or from the table',
  async (after) => {
    const log = createChangeLog();
    const tail = log.openTail();
    log.grow(9_200);

    await tail.wake();

    expect(await readAll(tail, after)).toEqual(range(after + 1, 9_200));
  },
);

it('has every change from before it was opened', async () => {
  const log = createChangeLog();
  log.grow(1_000);
  const tail = log.openTail(900);

  await tail.wake();

  expect(await readAll(tail, 10)).toEqual(range(11, 1_000));
});

it('fails at a gap, and its head stays before it', async () => {
  const log = createChangeLog();
  const tail = log.openTail();
  log.append(changeAt(1), changeAt(3));

  await expect(tail.wake()).rejects.toThrow('has a gap: 3 follows 1');

  expect(tail.head()).toBe(0n);
});

it('fails at a gap in a page of the past', async () => {
  const log = createChangeLog();
  log.append(changeAt(1), changeAt(3));
  const tail = log.openTail(3);

  await expect(tail.pageAfter(0n)).rejects.toThrow('has a gap: 3 follows 1');
});

it('shares one read among concurrent wake-ups and reads once more afterwards', async () => {
  const log = createChangeLog();
  const tail = log.openTail();
  const { promise, resolve } = Promise.withResolvers<void>();
  log.hold(promise);
  log.grow(1);

  const wakes = [tail.wake(), tail.wake(), tail.wake()];
  resolve();
  await Promise.all(wakes);

  expect(tail.head()).toBe(1n);
  expect(log.reads).toEqual([0, 1]);
});

it('reads again after a failed read', async () => {
  const log = createChangeLog();
  const tail = log.openTail();
  log.grow(2);
  log.fail(new Error('away'));
  await expect(tail.wake()).rejects.toThrow('away');

  log.fail();
  await tail.wake();

  expect(await readAll(tail, 0)).toEqual([1, 2]);
});

it('reads a page again that could not be read', async () => {
  const log = createChangeLog();
  log.grow(2);
  const tail = log.openTail(2);
  log.fail(new Error('away'));
  await expect(tail.pageAfter(0n)).rejects.toThrow('away');

  log.fail();

  expect(await readAll(tail, 0)).toEqual([1, 2]);
});

it('shares a page among all positions in it, which begins at a multiple of its size', async () => {
  const log = createChangeLog();
  log.grow(600);
  const tail = log.openTail(600);

  const pages = await Promise.all([257n, 300n, 511n].map((position) => tail.pageAfter(position)));

  expect(new Set(pages).size).toBe(1);
  expect(pages[0]).toMatchObject({ after: 256n, upTo: 512n });
  expect(log.reads).toEqual([256]);
});

it('reads changes once for all who follow them', async () => {
  const log = createChangeLog();
  const tail = log.openTail();
  log.grow(3);
  await tail.wake();

  const pages = await Promise.all([tail.pageAfter(0n), tail.pageAfter(0n)]);

  expect(pages[0]).toBe(pages[1]);
  expect(pages[0]).toMatchObject({ after: 0n, upTo: 3n });
  expect(log.reads).toEqual([0]);
});

it('calls the followers of a topic only, with the position before its changes', async () => {
  const log = createChangeLog();
  const tail = log.openTail();
  const called: string[] = [];
  tail.follow([['customer:a']], (after) => called.push(`a after ${after}`));
  tail.follow([['customer:b']], (after) => called.push(`b after ${after}`));
  const stop = tail.follow([], (after) => called.push(`all after ${after}`));

  log.grow(2, { customerId: 'a' });
  await tail.wake();
  stop();
  log.grow(1, { customerId: 'b' });
  await tail.wake();

  expect(called.toSorted()).toEqual(['a after 0', 'all after 0', 'b after 2']);
});

it('calls a follower that joins before the head moves, at every moment of a read, also if its look-up is new', async () => {
  const headsAtJoin = new Set<bigint>();
  for (let turns = 0; turns < 40; turns += 1) {
    const log = createChangeLog();
    const tail = log.openTail();
    const called: bigint[] = [];
    log.grow(1, { customerId: 'a' });
    const waking = tail.wake();
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    const head = tail.head();
    headsAtJoin.add(head);

    tail.follow([['customer:a']], (after) => called.push(after));
    await waking;

    expect({ turns, called }).toEqual({ turns, called: head === 0n ? [0n] : [] });
  }
  expect([...headsAtJoin]).toEqual([0n, 1n]);
});

it('calls no follower that has left before the head moves', async () => {
  const log = createChangeLog();
  const tail = log.openTail();
  const called: bigint[] = [];
  log.grow(1, { customerId: 'a' });
  const waking = tail.wake();

  tail.follow([['customer:a']], (after) => called.push(after))();
  await waking;

  expect(called).toEqual([]);
});

it('moves its head only when the topics are known, so that nobody misses a change', async () => {
  const log = createChangeLog();
  const tail = log.openTail();
  const called: bigint[] = [];
  tail.follow([['customer:c']], (after) => called.push(after));
  log.grow(1);
  const failing = log.database.inWorkspace;
  let isRead = false;
  log.database.inWorkspace = async (id, work) => {
    if (isRead) throw new Error('away');
    isRead = true;
    return failing(id, work);
  };
  await expect(tail.wake()).rejects.toThrow('away');
  const headAfterFailure = tail.head();

  log.database.inWorkspace = failing;
  await tail.wake();

  expect([headAfterFailure, tail.head()]).toEqual([0n, 1n]);
  expect(called).toEqual([0n]);
});

it('shares the page that it read, with the topics that it looked up, among all who are at its beginning', async () => {
  const log = createChangeLog();
  const tail = log.openTail();
  tail.follow([['customer:c']], () => undefined);
  log.grow(300);
  await tail.wake();
  log.grow(3);
  await tail.wake();
  const before = log.lookups();

  const page = await tail.pageAfter(300n);
  const selected = positionsOf(await page.select([['customer:c']]));

  expect(page).toMatchObject({ after: 300n, upTo: 303n });
  expect(selected).toEqual([301, 302, 303]);
  expect(log.lookups()).toBe(before);
});
