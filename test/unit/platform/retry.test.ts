import { expect, it } from 'vitest';
import { nextAttempt, retryForever } from '../../../src/platform/jobs/retry.ts';

const now = new Date('2026-01-01T00:00:00Z');
const delays = (policy: Parameters<typeof nextAttempt>[0], attempts: number[]) =>
  attempts.map((count) => {
    const at = nextAttempt(policy, count, now);
    return at && at.getTime() - now.getTime();
  });

it('doubles the delay with each failure, up to the maximum', () => {
  const policy = { maxAttempts: 6, firstDelayMs: 100, maxDelayMs: 500 };

  expect(delays(policy, [1, 2, 3, 4, 5])).toEqual([100, 200, 400, 500, 500]);
});

it('gives up after the last attempt', () => {
  const policy = { maxAttempts: 2, firstDelayMs: 100, maxDelayMs: 500 };

  expect(delays(policy, [1, 2, 3])).toEqual([100, undefined, undefined]);
  expect(delays({ ...policy, maxAttempts: 1 }, [1])).toEqual([undefined]);
});

it('retries work without a maximum of attempts once a minute, however often it has failed', () => {
  expect(delays(retryForever, [1, 6, 7, 5_000])).toEqual([1_000, 32_000, 60_000, 60_000]);
});
