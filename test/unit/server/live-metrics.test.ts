import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createLiveMetrics } from '../../../src/entrypoints/server/live/live-metrics.ts';
import { parsePage } from '../../support/metrics-page.ts';

function createMetrics() {
  const registry = new Registry();
  const read = async () => parsePage(await registry.metrics()).series;
  return { live: createLiveMetrics(registry), read };
}

it('counts deliveries and executions, and their ratio', async () => {
  const { live, read } = createMetrics();

  live.executed(2);
  live.delivered(500);
  live.delivered(100);

  const series = await read();
  expect(series.get('stageline_live_executions_total')).toBe(2);
  expect(series.get('stageline_live_deliveries_total')).toBe(600);
  expect(series.get('stageline_live_sharing_ratio')).toBe(300);
});

it('has a sharing ratio of 0 before the first execution', async () => {
  const { read } = createMetrics();

  expect((await read()).get('stageline_live_sharing_ratio')).toBe(0);
});

it('counts what became of subscriptions, by reason', async () => {
  const { live, read } = createMetrics();

  live.coalesced(3);
  live.resumed();
  live.reset('TOO_OLD');
  live.ended('CLIENT');
  live.ended('CLIENT');
  live.ended('TOO_SLOW');

  const series = await read();
  expect(series.get('stageline_live_coalesced_total')).toBe(3);
  expect(series.get('stageline_live_resumed_total')).toBe(1);
  expect(series.get('stageline_live_reset_total{reason="TOO_OLD"}')).toBe(1);
  expect(series.get('stageline_live_reset_total{reason="UNKNOWN_LOG"}')).toBe(0);
  expect(series.get('stageline_live_ended_total{reason="CLIENT"}')).toBe(2);
  expect(series.get('stageline_live_ended_total{reason="TOO_SLOW"}')).toBe(1);
});

it('distributes the time from event to frame over buckets of 5 ms to 10 s', async () => {
  const { live, read } = createMetrics();

  for (const seconds of [0.004, 0.2, 30]) live.framed(seconds);

  const series = await read();
  const bucket = (bound: string) =>
    series.get(`stageline_live_event_to_frame_seconds_bucket{le="${bound}"}`);
  expect(['0.005', '0.1', '0.25', '10', '+Inf'].map(bucket)).toEqual([1, 1, 2, 2, 3]);
});

it('reads the state once for each page', async () => {
  const { live, read } = createMetrics();
  let reads = 0;
  live.observe(() => {
    reads += 1;
    return { subscriptions: 40, groups: reads, slowestLag: 7, waitingBytes: 1_024 };
  });

  await read();
  const series = await read();

  expect(reads).toBe(2);
  expect(series.get('stageline_live_subscriptions')).toBe(40);
  expect(series.get('stageline_live_groups')).toBe(2);
  expect(series.get('stageline_live_slowest_lag_changes')).toBe(7);
  expect(series.get('stageline_live_waiting_bytes')).toBe(1_024);
});
