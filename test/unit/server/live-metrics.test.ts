import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createLiveCounts } from '../../../src/entrypoints/server/live/live-counts.ts';
import { createLiveMetrics } from '../../../src/entrypoints/server/live/live-metrics.ts';
import { parsePage } from '../../support/metrics-page.ts';

function createMetrics() {
  const registry = new Registry();
  const counts = createLiveCounts();
  const observeFrame = createLiveMetrics(registry, {
    counts,
    groups: () => 3,
    subscriptions: () => 2_000,
    slowestLag: () => 17,
    waitingBytes: () => 4_096,
  });
  const read = async () => parsePage(await registry.metrics()).series;
  return { counts, observeFrame, read };
}

it('counts deliveries and executions, and their ratio', async () => {
  const { counts, read } = createMetrics();

  counts.executed += 2;
  counts.onProduced(600);
  counts.onTaken({ position: 2n, count: 500, live: 500, isPast: false });
  counts.onTaken({ position: 2n, count: 40, live: 40, isPast: true });
  counts.onLeft(60);

  const series = await read();
  expect(series.get('stageline_live_executions_total')).toBe(2);
  expect(series.get('stageline_live_due_total')).toBe(600);
  expect(series.get('stageline_live_sent_total')).toBe(500);
  expect(series.get('stageline_live_resent_total')).toBe(40);
  expect(series.get('stageline_live_missed_total')).toBe(60);
  expect(series.get('stageline_live_sharing_ratio')).toBe(270);
});

it('has a sharing ratio of 0 before the first execution', async () => {
  const { read } = createMetrics();

  expect((await read()).get('stageline_live_sharing_ratio')).toBe(0);
});

it('counts what became of subscriptions, by reason', async () => {
  const { counts, read } = createMetrics();

  counts.resumptions += 1;
  counts.resets.TOO_OLD += 1;
  counts.ends.CLIENT += 2;

  const series = await read();
  expect(series.get('stageline_live_resumed_total')).toBe(1);
  expect(series.get('stageline_live_reset_total{reason="TOO_OLD"}')).toBe(1);
  expect(series.get('stageline_live_reset_total{reason="UNKNOWN_LOG"}')).toBe(0);
  expect(series.get('stageline_live_ended_total{reason="CLIENT"}')).toBe(2);
  expect(series.get('stageline_live_ended_total{reason="TOO_SLOW"}')).toBe(0);
});

it('distributes the time from event to frame over buckets of 5 ms to 10 s', async () => {
  const { observeFrame, read } = createMetrics();

  for (const seconds of [0.004, 0.2, 30]) observeFrame(seconds);

  const series = await read();
  const bucket = (bound: string) =>
    series.get(`stageline_live_event_to_frame_seconds_bucket{le="${bound}"}`);
  expect(['0.005', '0.1', '0.25', '10', '+Inf'].map(bucket)).toEqual([1, 1, 2, 2, 3]);
});

it('reads the state when the page is requested', async () => {
  const series = await createMetrics().read();

  expect(series.get('stageline_live_groups')).toBe(3);
  expect(series.get('stageline_live_subscriptions')).toBe(2_000);
  expect(series.get('stageline_live_slowest_lag_changes')).toBe(17);
  expect(series.get('stageline_live_waiting_bytes')).toBe(4_096);
});
