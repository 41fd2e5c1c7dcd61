import { Registry } from 'prom-client';
import type { Limits } from '../../../access/limits.ts';
import type { Ingest } from '../../../engine/ingestion/ingest.ts';
import type { Databases } from '../../../platform/databases.ts';
import { createEvaluationMetrics } from './evaluation-metrics.ts';
import { createIngestMetrics } from './ingest-metrics.ts';
import { createLimitMetrics } from './limit-metrics.ts';
import { createGauge } from './metric.ts';
import { createOperationMetrics } from './operation-metrics.ts';
import { createPoolMetrics } from './pool-metrics.ts';
import { createProcessMetrics } from './process-metrics.ts';
import { createTrackingMetrics } from './tracking-metrics.ts';

/** What a metric is read from when the page is requested. */
export interface MeasuredParts {
  ingest: Pick<Ingest, 'backlog'>;
  limits: Pick<Limits, 'refusals'>;
  databases: Databases;
}

/**
 * The metrics of one server, in a registry of its own. The parts of the server count for themselves, or call an
 * observer that they are given; none of them knows the format of the page.
 */
export function createServerMetrics() {
  const registry = new Registry();
  const evaluation = createEvaluationMetrics(registry);
  return {
    registry,
    ingest: createIngestMetrics(registry, evaluation.ingested),
    due: evaluation.due,
    operations: createOperationMetrics(registry),
    tracking: createTrackingMetrics(registry),
    /** Adds the metrics that are read from the parts, and those of the process. Returns a function that stops measuring. */
    measure({ ingest, limits, databases }: MeasuredParts): () => void {
      createGauge({
        registry,
        name: 'stageline_ingest_backlog_events',
        help: 'Events that wait for their transaction or its commit.',
        read: ingest.backlog,
      });
      createLimitMetrics(registry, limits);
      createPoolMetrics(registry, databases);
      return createProcessMetrics(registry);
    },
  };
}
