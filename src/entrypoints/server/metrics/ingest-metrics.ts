import type { Registry } from 'prom-client';
import type { EvaluationWork } from '../../../engine/evaluation/evaluation-work.ts';
import { refusedEventCodes } from '../../../engine/ingestion/event.ts';
import type { IngestObserver } from '../../../engine/ingestion/ingest.ts';
import { Overloaded } from '../../../platform/errors.ts';
import { isStorageUnavailable } from '../../../platform/storage-errors.ts';
import { createCounter, createHistogram, createLabelledCounter } from './metric.ts';

const failures = ['OVERLOADED', 'STORAGE_UNAVAILABLE', 'INTERNAL'] as const;

/** Counts events by their result. */
export function createIngestMetrics(
  registry: Registry,
  onEvaluated: (work: EvaluationWork) => void,
): IngestObserver {
  const accepted = createCounter({
    registry,
    name: 'stageline_ingest_events_accepted_total',
    help: 'Events that were stored and applied.',
  });
  const duplicates = createCounter({
    registry,
    name: 'stageline_ingest_events_duplicate_total',
    help: 'Events that were stored before, by their messageId.',
  });
  const rejected = createLabelledCounter({
    registry,
    name: 'stageline_ingest_events_rejected_total',
    help: 'Events that were not stored.',
    label: 'code',
    values: [...refusedEventCodes, ...failures],
  });
  const committed = createHistogram({
    registry,
    name: 'stageline_ingest_commit_seconds',
    help: 'Duration of one transaction with a batch of events, from its start to its commit.',
  });

  return {
    committed({ seconds, evaluation }) {
      committed(seconds);
      onEvaluated(evaluation);
    },
    answered(results) {
      for (const result of results) {
        if (result.status === 'refused') rejected(result.code);
        else if (result.status === 'duplicate') duplicates();
        else accepted();
      }
    },
    failed: (calls, error) => rejected(failureOf(error), calls),
  };
}

function failureOf(error: unknown): (typeof failures)[number] {
  if (error instanceof Overloaded) return 'OVERLOADED';
  return isStorageUnavailable(error) ? 'STORAGE_UNAVAILABLE' : 'INTERNAL';
}
