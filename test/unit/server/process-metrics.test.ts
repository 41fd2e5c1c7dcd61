import { PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createProcessMetrics } from '../../../src/entrypoints/server/metrics/process-metrics.ts';
import { parsePage } from '../../support/metrics-page.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Resolves when observers have been told of a garbage collection. */
async function collectAndWait() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const observer = new PerformanceObserver(() => resolve());
  observer.observe({ entryTypes: ['gc'] });
  collectGarbage();
  await promise;
  observer.disconnect();
}

function createMetrics() {
  const registry = new Registry();
  const stop = createProcessMetrics(registry);
  const read = async () => parsePage(await registry.metrics()).series;
  const collections = async () =>
    (await read()).get('nodejs_gc_duration_seconds_count{kind="major"}');
  return { stop, read, collections };
}

it('measures memory and CPU time', async () => {
  const { stop, read } = createMetrics();

  const series = await read();
  stop();

  expect(series.get('process_cpu_seconds_total')).toBeGreaterThan(0);
  expect(series.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  expect(series.get('nodejs_heap_size_used_bytes')).toBeGreaterThan(1e6);
});

it('counts garbage collections until it is stopped', async () => {
  const { stop, collections } = createMetrics();

  await collectAndWait();
  const counted = await collections();
  stop();
  await collectAndWait();

  expect(counted).toBeGreaterThan(0);
  expect(await collections()).toBe(counted);
});
