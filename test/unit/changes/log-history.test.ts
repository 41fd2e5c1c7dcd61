import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLogHistory } from '../../../src/engine/changes/log-history.ts';
import type { LogPage } from '../../../src/engine/changes/log-page.ts';

const pageSize = 256;

/** A history whose reads are recorded; `read` may delay or fail them. */
function openHistory(read: (after: number) => Promise<unknown> = async () => undefined) {
  const reads: Array<[after: number, upTo: number]> = [];
  let concurrent = 0;
  let maxConcurrent = 0;
  const history = createLogHistory(async (after, upTo) => {
    reads.push([Number(after), Number(upTo)]);
    concurrent += 1;
    maxConcurrent = Math.max(maxConcurrent, concurrent);
    await setImmediate();
    await read(Number(after)).finally(() => {
      concurrent -= 1;
    });
    return { after, upTo } as LogPage;
  });
  return {
    reads,
    maxConcurrent: () => maxConcurrent,
    pageAfter: (position: number, head: number) =>
      history.pageAfter(BigInt(position), BigInt(head)),
  };
}

type History = ReturnType<typeof openHistory>;

/** Follows the pages from a position to the head; waits so many turns at each page. */
async function follow({ pageAfter }: History, from: number, head: number, turns: number) {
  for (let position = from; position < head; ) {
    const { after, upTo } = await pageAfter(position, head);
    expect(Number(after)).toBeLessThanOrEqual(position);
    expect(Number(upTo)).toBeGreaterThan(position);
    position = Number(upTo);
    for (let turn = 0; turn < turns; turn += 1) await setImmediate();
  }
}

it('reads each page a few times at most for readers that are behind at more positions than pages are kept', async () => {
  const history = openHistory();
  const pages = 100;
  const starts = Array.from({ length: pages }, (_, index) => index * pageSize + 7);

  await Promise.all(starts.map((start) => follow(history, start, pages * pageSize, 1)));

  // Page by page, each reader on its own, it would be 5,050 reads.
  expect(history.reads.length).toBeLessThanOrEqual(3 * pages);
});

it('brings readers together that take longer than a read', async () => {
  const history = openHistory();
  const pages = 200;
  const starts = Array.from({ length: 100 }, (_, index) => index * pageSize + 7);

  await Promise.all(starts.map((start) => follow(history, start, pages * pageSize, 5)));

  // In the order of the requests it is more than 2,000.
  expect(history.reads.length).toBeLessThanOrEqual(1_500);
});

it('leads readers from any position to the head, at any speed, with two reads at a time at most', async () => {
  const reader = fc.record({ from: fc.nat(20_000), turns: fc.nat(3) });
  await fc.assert(
    fc.asyncProperty(fc.array(reader, { maxLength: 60 }), async (readers) => {
      const history = openHistory();
      await Promise.all(readers.map(({ from, turns }) => follow(history, from, 20_011, turns)));
      expect(history.maxConcurrent()).toBeLessThanOrEqual(2);
    }),
  );
});

it('reads in turn for the one that is furthest behind and for the one that has waited longest', async () => {
  const history = openHistory();

  await Promise.all(
    [5_000, 6_000, 4_000, 1_000, 3_000, 2_000].map((from) => history.pageAfter(from, 10_000)),
  );

  // The first two find the queue empty.
  expect(history.reads.map(([after]) => after)).toEqual([4_864, 5_888, 768, 3_840, 1_792, 2_816]);
});

it('shares a page among all that ask for a position in it while it is read', async () => {
  const history = openHistory();

  const found = await Promise.all([256, 300, 511].map((at) => history.pageAfter(at, 1_000)));

  expect(new Set(found).size).toBe(1);
  expect(history.reads).toEqual([[256, 512]]);
});

it('continues an incomplete page when the head has moved', async () => {
  const history = openHistory();

  await history.pageAfter(10, 100);
  await history.pageAfter(50, 140);
  await history.pageAfter(100, 140);
  await history.pageAfter(150, 400);

  expect(history.reads).toEqual([
    [0, 100],
    [100, 140],
    [140, 256],
  ]);
});

it('reads a page again that could not be read, and goes on with the others', async () => {
  let isAway = true;
  const history = openHistory(async (after) => {
    if (isAway && after === 0) throw new Error('away');
  });
  const failing = expect(history.pageAfter(0, 1_000)).rejects.toThrow('away');

  await Promise.all([failing, history.pageAfter(300, 1_000), history.pageAfter(600, 1_000)]);
  isAway = false;
  const page = await history.pageAfter(0, 1_000);

  expect(page).toMatchObject({ after: 0n, upTo: 256n });
});

it('keeps the pages that were used last', async () => {
  const history = openHistory();
  const at = (page: number) => history.pageAfter(page * pageSize, 1_000_000);
  for (let page = 0; page < 32; page += 1) await at(page);

  await at(0);
  await at(32);
  await Promise.all([at(0), at(32)]);
  const before = history.reads.length;
  await at(1);

  expect([before, history.reads.length]).toEqual([33, 34]);
});
