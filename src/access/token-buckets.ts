/** Token buckets by name. Each has up to `capacity` tokens and refills continuously. */
export interface TokenBuckets {
  /** Takes tokens if there are enough, else returns the time until there are. */
  take(name: string, tokens: number): { taken: boolean; retryAfterMs: number };
  /** Puts back unused tokens. */
  put(name: string, tokens: number): void;
  remaining(name: string): number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Beyond this number, full buckets are removed: a missing bucket counts as full. */
const maxBuckets = 10_000;

/** @param now milliseconds on a clock that never goes back */
export function createTokenBuckets(options: {
  capacity: number;
  perSecond: number;
  now?: () => number;
}): TokenBuckets {
  const { capacity, perSecond, now = () => performance.now() } = options;
  const buckets = new Map<string, Bucket>();

  const refill = ({ tokens, at }: Bucket) =>
    Math.min(capacity, tokens + ((now() - at) / 1_000) * perSecond);

  const remaining = (name: string) => {
    const bucket = buckets.get(name);
    return bucket ? refill(bucket) : capacity;
  };

  function set(name: string, tokens: number) {
    // Reinserted at the end, so that the sweep visits the least recently used first.
    buckets.delete(name);
    if (tokens >= capacity) return;
    buckets.set(name, { tokens, at: now() });
    if (buckets.size > maxBuckets) sweep();
  }

  function sweep() {
    for (const [name, bucket] of buckets) {
      if (refill(bucket) >= capacity || buckets.size > maxBuckets) buckets.delete(name);
    }
  }

  return {
    remaining,
    take(name, tokens) {
      const missing = Math.min(tokens, capacity) - remaining(name);
      if (missing > 0) return { taken: false, retryAfterMs: (missing / perSecond) * 1_000 };
      set(name, remaining(name) - tokens);
      return { taken: true, retryAfterMs: 0 };
    },
    put: (name, tokens) => set(name, remaining(name) + tokens),
  };
}
