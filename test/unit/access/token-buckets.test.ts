import { expect, it } from 'vitest';
import { createTokenBuckets } from '../../../src/access/token-buckets.ts';

function bucketsOf(capacity: number, perSecond: number) {
  const clock = { ms: 0 };
  return { clock, buckets: createTokenBuckets({ capacity, perSecond, now: () => clock.ms }) };
}

it('gives what it holds at once, then as much as it refills', () => {
  const { clock, buckets } = bucketsOf(3, 2);

  const burst = [1, 2, 3, 4].map(() => buckets.take('a', 1).taken);
  clock.ms = 499;
  const early = buckets.take('a', 1);
  clock.ms = 500;
  const later = buckets.take('a', 1);

  expect(burst).toEqual([true, true, true, false]);
  expect(early.taken).toBe(false);
  expect(early.retryAfterMs).toBeCloseTo(1);
  expect(later.taken).toBe(true);
});

it('never holds more than its capacity, however long it rests', () => {
  const { clock, buckets } = bucketsOf(3, 2);
  buckets.take('a', 1);
  clock.ms = 1_000_000;

  expect(buckets.remaining('a')).toBe(3);
});

it('keeps names apart', () => {
  const { buckets } = bucketsOf(1, 1);
  buckets.take('a', 1);

  expect(buckets.take('b', 1).taken).toBe(true);
  expect(buckets.take('a', 1).taken).toBe(false);
});

it('takes back what was not needed, up to its capacity', () => {
  const { buckets } = bucketsOf(10, 1);
  buckets.take('a', 8);

  buckets.put('a', 5);
  expect(buckets.remaining('a')).toBe(7);
  buckets.put('a', 50);
  expect(buckets.remaining('a')).toBe(10);
});

it('lets one that asks for more than it can hold go into debt, once it is full', () => {
  const { clock, buckets } = bucketsOf(10, 10);

  expect(buckets.take('a', 30).taken).toBe(true);
  expect(buckets.take('a', 1)).toEqual({ taken: false, retryAfterMs: 2_100 });
  clock.ms = 2_100;
  expect(buckets.take('a', 1).taken).toBe(true);
});

it('forgets idle names first when there are very many', () => {
  const { buckets } = bucketsOf(10, 0.001);
  for (let i = 0; i < 10_000; i += 1) buckets.take(`n${i}`, 1);
  buckets.take('n0', 1);

  buckets.take('one more', 1);

  expect(buckets.remaining('n0')).toBeCloseTo(8);
  expect(buckets.remaining('n1')).toBe(10);
});
