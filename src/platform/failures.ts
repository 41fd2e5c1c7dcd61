import {
  DomainError,
  Internal,
  OperationEnded,
  QueryTooSlow,
  StorageUnavailable,
} from './errors.ts';
import type { Log } from './log.ts';
import { causesOf, isQueryTooSlow, isStorageUnavailable } from './storage-errors.ts';

/** Turns whatever was thrown into what the client learns of it, and logs what an operator has to know. */
export type ReportFailure = (error: unknown) => DomainError;

/** During an outage one line says it, not one for each request. */
const warningIntervalMs = 10_000;

/** The one place that decides which code a failure has, on every transport. */
export function createFailureReport(log: Log): ReportFailure {
  const reported = new WeakMap<object, Internal>();
  const warnedAt = new Map<string, number>();

  function warn(failure: DomainError) {
    const now = Date.now();
    if (now - (warnedAt.get(failure.code) ?? 0) < warningIntervalMs) return;
    warnedAt.set(failure.code, now);
    log.warn({ err: failure.cause ?? failure, code: failure.code }, 'Requests are refused');
  }

  /** The same error may arrive from several fields of one operation. */
  function logBug(error: unknown): Internal {
    const key = typeof error === 'object' && error !== null ? error : {};
    const known = reported.get(key);
    if (known) return known;
    const failure = new Internal({ cause: error });
    reported.set(key, failure);
    log.error({ err: error, incident: failure.incident }, 'A request failed unexpectedly');
    return failure;
  }

  return (error) => {
    const failure = toDomainError(error);
    if (!failure) return logBug(error);
    if (failure.status === 503) warn(failure);
    return failure;
  };
}

/** What is known about a failure; undefined is a bug. */
export function toDomainError(error: unknown): DomainError | undefined {
  for (const cause of causesOf(error)) if (cause instanceof DomainError) return cause;
  if (isAbort(error)) return new OperationEnded();
  if (isQueryTooSlow(error)) return new QueryTooSlow({ cause: error });
  return isStorageUnavailable(error) ? new StorageUnavailable({ cause: error }) : undefined;
}

/** A signal was aborted without a reason: the client has left, and reads no answer. */
const isAbort = (error: unknown) => error instanceof Error && error.name === 'AbortError';
