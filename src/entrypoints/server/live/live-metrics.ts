import type { Registry } from 'prom-client';
import {
  createCounter,
  createGauge,
  createHistogram,
  createLabelledCounter,
  createReadCounter,
} from '../metrics/metric.ts';

const resetReasons = ['UNKNOWN_LOG', 'TOO_OLD', 'AHEAD_OF_LOG'] as const;
const endReasons = ['CLIENT', 'REVOKED', 'TOO_SLOW', 'ERROR', 'SHUTDOWN'] as const;

/** Why a subscription could not resume from its cursor. */
export type ResetReason = (typeof resetReasons)[number];

/** Why a subscription ended. */
export type EndReason = (typeof endReasons)[number];

/** The live delivery at an instant. */
export interface LiveState {
  subscriptions: number;
  /** Sets of subscriptions that share executions. */
  groups: number;
  /** Changes of the log that the slowest subscription has not examined yet. */
  slowestLag: number;
  /** Bytes that wait to be sent to subscribers. */
  waitingBytes: number;
}

const nothingLive: LiveState = { subscriptions: 0, groups: 0, slowestLag: 0, waitingBytes: 0 };

const eventToFrameBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts what is delivered to subscribers. */
export interface LiveMetrics {
  /** Results were sent to this many subscribers. */
  delivered(count: number): void;
  /** This many changes were executed, each for one group. */
  executed(count: number): void;
  /** This many deliveries were not sent, because a later one of the same subscription replaced them. */
  coalesced(count: number): void;
  resumed(): void;
  reset(reason: ResetReason): void;
  ended(reason: EndReason): void;
  /** A change was recorded so many seconds before its first frame. */
  framed(secondsSinceRecorded: number): void;
  /** Sets what the state is read from, once for each page. */
  observe(state: () => LiveState): void;
}

export function createLiveMetrics(registry: Registry): LiveMetrics {
  const shared = createSharing(registry);
  const { observe } = createLiveState(registry);
  return {
    ...shared,
    coalesced: createCounter({
      registry,
      name: 'stageline_live_coalesced_total',
      help: 'Deliveries that were not sent because a later one of the same subscription replaced them.',
    }),
    resumed: createCounter({
      registry,
      name: 'stageline_live_resumed_total',
      help: 'Subscriptions that resumed from a cursor.',
    }),
    reset: createLabelledCounter({
      registry,
      name: 'stageline_live_reset_total',
      help: 'Subscriptions that could not resume from their cursor.',
      label: 'reason',
      values: resetReasons,
    }),
    ended: createLabelledCounter({
      registry,
      name: 'stageline_live_ended_total',
      help: 'Subscriptions that ended.',
      label: 'reason',
      values: endReasons,
    }),
    framed: createHistogram({
      registry,
      name: 'stageline_live_event_to_frame_seconds',
      help: 'Time between the recording of a change and its first frame to a subscriber.',
      buckets: eventToFrameBuckets,
    }),
    observe,
  };
}

/** Deliveries and executions, and how many of the first share one of the second. */
function createSharing(registry: Registry) {
  let deliveries = 0;
  let executions = 0;
  createReadCounter({
    registry,
    name: 'stageline_live_deliveries_total',
    help: 'Results that were sent to subscribers, one for each subscription and change.',
    read: () => deliveries,
  });
  createReadCounter({
    registry,
    name: 'stageline_live_executions_total',
    help: 'Executions of a subscription for a change, one for each group and change.',
    read: () => executions,
  });
  createGauge({
    registry,
    name: 'stageline_live_sharing_ratio',
    help: 'Deliveries per execution since the start; 0 before the first execution.',
    read: () => (executions === 0 ? 0 : deliveries / executions),
  });
  return {
    delivered(count: number) {
      deliveries += count;
    },
    executed(count: number) {
      executions += count;
    },
  };
}

/** Reads the state once for all its gauges. */
function createLiveState(registry: Registry) {
  let read = () => nothingLive;
  let state = nothingLive;
  const gauge = (name: string, help: string, value: () => number) =>
    createGauge({ registry, name, help, read: value });

  gauge('stageline_live_subscriptions', 'Open subscriptions.', () => {
    // The first gauge: metrics are read in the order in which they were created.
    state = read();
    return state.subscriptions;
  });
  gauge(
    'stageline_live_groups',
    'Groups of subscriptions that share executions.',
    () => state.groups,
  );
  gauge(
    'stageline_live_slowest_lag_changes',
    'Changes of the log that the slowest subscription has not examined yet.',
    () => state.slowestLag,
  );
  gauge(
    'stageline_live_waiting_bytes',
    'Bytes that wait to be sent to subscribers.',
    () => state.waitingBytes,
  );
  return {
    observe(reader: () => LiveState) {
      read = reader;
    },
  };
}
