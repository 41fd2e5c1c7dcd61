/** How often, and after which delay, a failed step is retried. */
export interface RetryPolicy {
  maxAttempts: number;
  firstDelayMs: number;
  maxDelayMs: number;
}

/** For work that must not be abandoned: retries after 1 s, 2 s, 4 s and so on, at least once a minute. */
export const retryForever: RetryPolicy = {
  maxAttempts: Number.POSITIVE_INFINITY,
  firstDelayMs: 1_000,
  maxDelayMs: 60_000,
};

/** When a step is retried that has failed `attempts` times in a row; undefined for no further retry. */
export function nextAttempt(
  { maxAttempts, firstDelayMs, maxDelayMs }: RetryPolicy,
  attempts: number,
  now: Date,
): Date | undefined {
  if (attempts >= maxAttempts) return undefined;
  const delayMs = Math.min(maxDelayMs, firstDelayMs * 2 ** (attempts - 1));
  return new Date(now.getTime() + delayMs);
}
