import { type DocumentNode, type GraphQLError, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { Counter, type Registry } from 'prom-client';
import { secondsSince } from '../../../platform/time/seconds-since.ts';
import { createLabelledHistogram } from './metric.ts';

/** `unknown`: a document that was not parsed, or without the named operation. */
const types = ['query', 'mutation', 'subscription', 'unknown'] as const;

const outcomes = [
  'OK',
  'BAD_REQUEST',
  'FORBIDDEN',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'INTERNAL',
  'INVALID_FILTER',
  'INVALID_INPUT',
  'INVALID_REQUEST',
  'NOT_FOUND',
  'OPERATION_RESOLUTION_FAILURE',
  'OVERLOADED',
  'QUERY_TOO_COMPLEX',
  'QUERY_TOO_SLOW',
  'RATE_LIMITED',
  'STORAGE_UNAVAILABLE',
  'UNAUTHENTICATED',
  'OTHER',
] as const;

/** What is known of an operation when it has a result. */
export interface FinishedOperation {
  /** Undefined if the document was not parsed. */
  document?: DocumentNode | undefined;
  operationName?: string | null | undefined;
  errors?: readonly GraphQLError[] | undefined;
  /** An instant of `performance.now()`. */
  startedAt: number;
}

export type ObserveOperation = (operation: FinishedOperation) => void;

/** Counts operations by type and outcome. A subscription has its outcome when its stream starts. */
export function createOperationMetrics(registry: Registry): ObserveOperation {
  const operations = createOperationCounter(registry);
  const duration = createLabelledHistogram({
    registry,
    name: 'stageline_graphql_operation_seconds',
    help: 'Duration of a GraphQL operation until its result, or until the stream of a subscription starts.',
    label: 'type',
    values: types,
  });
  return ({ document, operationName, errors, startedAt }) => {
    const operation = document && getOperationAST(document, operationName);
    const type = operation?.operation ?? 'unknown';
    operations.inc({ type, outcome: outcomeOf(errors) });
    duration(type, secondsSince(startedAt));
  };
}

/** All series exist from the start: the sets of types and outcomes are listed. */
function createOperationCounter(registry: Registry) {
  const counter = new Counter({
    name: 'stageline_graphql_operations_total',
    help: 'GraphQL operations. The outcome is OK or the code of the first error.',
    labelNames: ['type', 'outcome'],
    registers: [registry],
  });
  for (const type of types) for (const outcome of outcomes) counter.inc({ type, outcome }, 0);
  return counter;
}

function outcomeOf([first]: readonly GraphQLError[] = []): (typeof outcomes)[number] {
  if (!first) return 'OK';
  const { code } = first.extensions;
  return outcomes.find((outcome) => outcome === code) ?? 'OTHER';
}

interface OperationOverHttp {
  params?: { operationName?: string | null | undefined };
  /** Set when it is validated. */
  document?: DocumentNode;
}

/** Observes operations over HTTP. Those over a WebSocket do not pass these hooks. */
export function useObservedOperations(observe: ObserveOperation): Plugin<OperationOverHttp> {
  const started = new WeakMap<object, number>();
  return {
    onParams({ context }) {
      started.set(context, performance.now());
    },
    onExecutionResult({ context, result }) {
      const startedAt = started.get(context);
      if (startedAt === undefined || !result || Array.isArray(result)) return;
      const { document, params } = context as OperationOverHttp;
      const errors = 'errors' in result ? (result.errors as readonly GraphQLError[]) : undefined;
      observe({ document, operationName: params?.operationName, errors, startedAt });
    },
  };
}
