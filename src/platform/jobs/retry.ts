/** How often, and how soon, a failed step is tried again. */
export interface RetryPolicy {
  maxAttempts: number;
  firstDelayMs: number;
  maxDelayMs: number;
}

/** For work that must not be given up: tried again after 1 s, 2 s, 4 s and so on, at least once a minute. */
export const retryForever: RetryPolicy = {
  maxAttempts: Number.POSITIVE_INFINITY,
  firstDelayMs: 1_000,
  maxDelayMs: 60_000,
};

/** When a step is tried again after it has failed `attempts` times in a row; undefined when it is given up. */
export function nextAttempt(
  { maxAttempts, firstDelayMs, maxDelayMs }: RetryPolicy,
  attempts: number,
  now: Date,
): Date | undefined {
  if (attempts >= maxAttempts) return undefined;
  const delayMs = Math.min(maxDelayMs, firstDelayMs * 2 ** (attempts - 1));
  return new Date(now.getTime() + delayMs);
}
