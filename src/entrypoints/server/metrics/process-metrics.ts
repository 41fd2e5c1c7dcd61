import {
  constants,
  monitorEventLoopDelay,
  type PerformanceEntry,
  PerformanceObserver,
} from 'node:perf_hooks';
import type { Registry } from 'prom-client';
import { createGauge, createLabelledHistogram, createReadCounter } from './metric.ts';

const nanosecondsPerSecond = 1e9;
/** How often the delay of the event loop is measured. */
const resolutionMs = 20;

/**
 * The metrics of the process, with the names that dashboards for Node.js expect. Not prom-client's own, because their
 * observers of garbage collection and event loop cannot be stopped. Returns a function that stops these.
 */
export function createProcessMetrics(registry: Registry): () => void {
  createCpuAndMemory(registry);
  const stops = [createEventLoopDelay(registry), createGarbageCollection(registry)];
  return () => {
    for (const stop of stops) stop();
  };
}

function createCpuAndMemory(registry: Registry) {
  const startedAt = Date.now() / 1_000 - process.uptime();
  createGauge({
    registry,
    name: 'process_start_time_seconds',
    help: 'Start of the process, in seconds since 1970.',
    read: () => startedAt,
  });
  createReadCounter({
    registry,
    name: 'process_cpu_seconds_total',
    help: 'CPU time of the process, its threads included.',
    read() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
  });
  for (const [name, help, key] of memory) {
    createGauge({ registry, name, help, read: () => process.memoryUsage()[key] });
  }
}

const memory = [
  ['process_resident_memory_bytes', 'Resident memory of the process.', 'rss'],
  ['nodejs_heap_size_total_bytes', 'Heap of the main thread.', 'heapTotal'],
  ['nodejs_heap_size_used_bytes', 'Used heap of the main thread.', 'heapUsed'],
  ['nodejs_external_memory_bytes', 'Memory of buffers outside the heap.', 'external'],
] as const;

function createEventLoopDelay(registry: Registry): () => void {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  createGauge({
    registry,
    name: 'nodejs_eventloop_lag_p50_seconds',
    help: 'Median delay of the event loop since the previous scrape.',
    read: () => delay.percentile(50) / nanosecondsPerSecond,
  });
  createGauge({
    registry,
    name: 'nodejs_eventloop_lag_p99_seconds',
    help: '99th percentile of the delay of the event loop since the previous scrape.',
    read: () => delay.percentile(99) / nanosecondsPerSecond,
  });
  createGauge({
    registry,
    name: 'nodejs_eventloop_lag_max_seconds',
    help: 'Longest delay of the event loop since the previous scrape.',
    // The last gauge that reads it. Metrics are read in the order in which they were created.
    read() {
      const longest = delay.max / nanosecondsPerSecond;
      delay.reset();
      return longest;
    },
  });
  return () => void delay.disable();
}

const collections = new Map([
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
]);

/** An entry of the type `gc`. */
interface CollectionEntry extends PerformanceEntry {
  detail: { kind: number };
}

function createGarbageCollection(registry: Registry): () => void {
  const duration = createLabelledHistogram({
    registry,
    name: 'nodejs_gc_duration_seconds',
    help: 'Duration of a garbage collection.',
    label: 'kind',
    values: [...collections.values()],
  });
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as CollectionEntry[]) {
      const kind = collections.get(entry.detail.kind);
      if (kind) duration(kind, entry.duration / 1_000);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => observer.disconnect();
}
