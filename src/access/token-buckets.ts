/** Token buckets by name. Each holds up to `capacity` tokens and refills continuously. */
export interface TokenBuckets {
  /** Takes tokens if there are enough, else says how long it takes until there are. */
  take(name: string, tokens: number): { taken: boolean; retryAfterMs: number };
  /** Gives back tokens that were not needed. */
  put(name: string, tokens: number): void;
  remaining(name: string): number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Buckets beyond this number are swept: a full one is the same as none. */
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
    // The one used last stands last, so that the sweep meets idle ones first.
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
