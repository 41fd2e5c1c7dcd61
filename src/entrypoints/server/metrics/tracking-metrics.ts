import type { Registry } from 'prom-client';
import { createHistogram, createLabelledCounter } from './metric.ts';

const statuses = [
  '200',
  '204',
  '207',
  '400',
  '401',
  '403',
  '404',
  '405',
  '413',
  '429',
  '500',
  '503',
] as const;

/** Counts requests of the tracking routes. */
export interface TrackingMetrics {
  /** @param status undefined if the client disconnected before the response */
  answered(status: number | undefined, seconds: number): void;
}

export function createTrackingMetrics(registry: Registry): TrackingMetrics {
  const requests = createLabelledCounter({
    registry,
    name: 'stageline_tracking_requests_total',
    help: 'Requests to /v1 by HTTP status; `disconnected` if the client left before the response.',
    label: 'status',
    values: [...statuses, 'disconnected', 'other'],
  });
  const duration = createHistogram({
    registry,
    name: 'stageline_tracking_request_seconds',
    help: 'Duration of a request to /v1, from its headers to its response.',
  });
  return {
    answered(status, seconds) {
      const known = statuses.find((one) => one === String(status));
      requests(status === undefined ? 'disconnected' : (known ?? 'other'));
      duration(seconds);
    },
  };
}
