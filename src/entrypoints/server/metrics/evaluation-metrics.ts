import type { Registry } from 'prom-client';
import type { ObserveDue } from '../../../engine/evaluation/due-round.ts';
import type { EvaluationWork } from '../../../engine/evaluation/evaluation-work.ts';
import { createHistogram, createLabelledCounter, createLabelledHistogram } from './metric.ts';

const label = 'trigger';
const values = ['event', 'due'] as const;

/** An overdue customer of an import of history may be late by years. */
const latenessBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 86_400];

/** Counts the evaluations that events and due times trigger. */
export function createEvaluationMetrics(registry: Registry) {
  const customers = createLabelledCounter({
    registry,
    name: 'stageline_evaluation_customers_total',
    help: 'Customers that were evaluated, in committed transactions.',
    label,
    values,
  });
  const duration = createLabelledHistogram({
    registry,
    name: 'stageline_evaluation_seconds',
    help: 'Duration of the evaluation of one batch of customers, including the database.',
    label,
    values,
  });
  const lateness = createHistogram({
    registry,
    name: 'stageline_scheduler_lateness_seconds',
    help: 'Time between the due time of the most overdue customer of a batch and its evaluation.',
    buckets: latenessBuckets,
  });

  function count(trigger: (typeof values)[number], work: EvaluationWork) {
    if (work.customers === 0) return;
    customers(trigger, work.customers);
    duration(trigger, work.seconds);
  }

  const due: ObserveDue = ({ evaluation, lateSeconds }) => {
    count('due', evaluation);
    lateness(lateSeconds);
  };
  return { due, ingested: (work: EvaluationWork) => count('event', work) };
}
