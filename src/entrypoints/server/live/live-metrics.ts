import type { Registry } from 'prom-client';
import {
  createGauge,
  createHistogram,
  createLabelledReadCounter,
  createReadCounter,
} from '../metrics/metric.ts';
import { endReasons, type LiveCounts, resetReasons } from './live-counts.ts';

/** The live delivery as the metrics read it. */
export interface LiveState {
  counts: LiveCounts;
  groups(): number;
  subscriptions(): number;
  /** Changes of the log that the slowest subscription has not examined yet. */
  slowestLag(): number;
  /** Bytes that wait to be sent to clients. */
  waitingBytes(): number;
}

const eventToFrameBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Returns a function that observes the seconds between the recording of a change and a frame with it. */
export function createLiveMetrics(registry: Registry, live: LiveState): (seconds: number) => void {
  addTotals(registry, live.counts);
  addState(registry, live);
  return createHistogram({
    registry,
    name: 'stageline_live_event_to_frame_seconds',
    help: 'Time between the recording of a change and its frame to a subscriber, of a sample of the frames.',
    buckets: eventToFrameBuckets,
  });
}

function addTotals(registry: Registry, counts: LiveCounts) {
  const total = (name: string, help: string, read: () => number) =>
    createReadCounter({ registry, name: `stageline_live_${name}_total`, help, read });
  total(
    'due',
    'Results that were due to subscribers, one for each subscription and change.',
    () => counts.due,
  );
  total('sent', 'Results due that were sent as they were produced.', () => counts.sent);
  total(
    'resent',
    'Results due that were read from the log again and sent, for subscribers that resumed or were slow.',
    () => counts.resumed,
  );
  total(
    'missed',
    'Results due that were waiting when their subscription ended; the client resumes before them.',
    () => counts.missed,
  );
  total(
    'executions',
    'Executions of a subscription for a change, one for each group and change.',
    () => counts.executed,
  );
  total('resumed', 'Subscriptions that began at a cursor.', () => counts.resumptions);
  createLabelledReadCounter({
    registry,
    name: 'stageline_live_reset_total',
    help: 'Subscriptions that could not resume from their cursor.',
    label: 'reason',
    values: resetReasons,
    read: (reason) => counts.resets[reason],
  });
  createLabelledReadCounter({
    registry,
    name: 'stageline_live_ended_total',
    help: 'Subscriptions that ended.',
    label: 'reason',
    values: endReasons,
    read: (reason) => counts.ends[reason],
  });
}

function addState(registry: Registry, { counts, ...live }: LiveState) {
  const gauge = (name: string, help: string, read: () => number) =>
    createGauge({ registry, name: `stageline_live_${name}`, help, read });
  gauge(
    'subscriptions',
    'Open subscriptions that have begun to follow the log.',
    live.subscriptions,
  );
  gauge('groups', 'Groups of subscriptions that share executions.', live.groups);
  gauge(
    'sharing_ratio',
    'Results sent per execution since the start; 0 before the first execution.',
    () => (counts.executed === 0 ? 0 : (counts.sent + counts.resumed) / counts.executed),
  );
  gauge(
    'slowest_lag_changes',
    'Changes of the log that the slowest subscription has not examined yet.',
    live.slowestLag,
  );
  gauge('waiting_bytes', 'Bytes that wait to be sent to clients.', live.waitingBytes);
}
