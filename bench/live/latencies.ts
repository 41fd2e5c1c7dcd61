/** How often each latency occurred, in whole milliseconds. */
export type Latencies = Map<number, number>;

export function addLatency(latencies: Latencies, ms: number): void {
  const whole = Math.max(0, Math.round(ms));
  latencies.set(whole, (latencies.get(whole) ?? 0) + 1);
}

export function mergeLatencies(all: readonly Latencies[]): Latencies {
  const merged: Latencies = new Map();
  for (const [ms, count] of all.flatMap((one) => [...one])) {
    merged.set(ms, (merged.get(ms) ?? 0) + count);
  }
  return merged;
}

/** In milliseconds, at a share from 0 to 1. NaN without latencies. */
export function latencyPercentile(latencies: Latencies, share: number): number {
  let remaining = Math.ceil(share * countOf(latencies));
  for (const [ms, count] of [...latencies].sort(([a], [b]) => a - b)) {
    remaining -= count;
    if (remaining <= 0) return ms;
  }
  return Number.NaN;
}

export function meanLatency(latencies: Latencies): number {
  const sum = [...latencies].reduce((total, [ms, count]) => total + ms * count, 0);
  return sum / countOf(latencies);
}

const countOf = (latencies: Latencies) =>
  [...latencies.values()].reduce((total, count) => total + count, 0);
