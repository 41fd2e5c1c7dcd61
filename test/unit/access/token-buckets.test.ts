import { expect, it } from 'vitest';
import { createTokenBuckets } from '../../../src/access/token-buckets.ts';

function bucketsOf(capacity: number, perSecond: number) {
  const clock = { ms: 0 };
  return { clock, buckets: createTokenBuckets({ capacity, perSecond, now: () => clock.ms }) };
}

it('gives its capacity immediately, then as much as it refills', () => {
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

it('never exceeds its capacity, however long it is idle', () => {
  const { clock, buckets } = bucketsOf(3, 2);
  buckets.take('a', 1);
  clock.ms = 1_000_000;

  expect(buckets.remaining('a')).toBe(3);
});

it('counts each name separately', () => {
  const { buckets } = bucketsOf(1, 1);
  buckets.take('a', 1);

  expect(buckets.take('b', 1).taken).toBe(true);
  expect(buckets.take('a', 1).taken).toBe(false);
});

it('accepts unused tokens back, up to its capacity', () => {
  const { buckets } = bucketsOf(10, 1);
  buckets.take('a', 8);

  buckets.put('a', 5);
  expect(buckets.remaining('a')).toBe(7);
  buckets.put('a', 50);
  expect(buckets.remaining('a')).toBe(10);
});

it('goes into debt for a request above its capacity, once it is full', () => {
  const { clock, buckets } = bucketsOf(10, 10);

  expect(buckets.take('a', 30).taken).toBe(true);
  expect(buckets.take('a', 1)).toEqual({ taken: false, retryAfterMs: 2_100 });
  clock.ms = 2_100;
  expect(buckets.take('a', 1).taken).toBe(true);
});

it('removes idle names first when there are too many', () => {
  const { buckets } = bucketsOf(10, 0.001);
  for (let i = 0; i < 10_000; i += 1) buckets.take(`n${i}`, 1);
  buckets.take('n0', 1);

  buckets.take('one more', 1);

  expect(buckets.remaining('n0')).toBeCloseTo(8);
  expect(buckets.remaining('n1')).toBe(10);
});
