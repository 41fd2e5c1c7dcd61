import {
  DomainError,
  Internal,
  OperationEnded,
  QueryTooSlow,
  StorageUnavailable,
} from './errors.ts';
import type { Log } from './log.ts';
import { causesOf, isQueryTooSlow, isStorageUnavailable } from './storage-errors.ts';

/** Converts anything thrown to the error for the client, and logs what an operator needs to know. */
export type ReportFailure = (error: unknown) => DomainError;

/** Limits the log during an outage to one line per interval. */
const warningIntervalMs = 10_000;

/** The only place that decides the error code of a failure, on every transport. Decision 0020. */
export function createFailureReport(log: Log): ReportFailure {
  const reported = new WeakMap<object, Internal>();
  const warnedAt = new Map<string, number>();

  function warn(failure: DomainError) {
    const now = Date.now();
    if (now - (warnedAt.get(failure.code) ?? 0) < warningIntervalMs) return;
    warnedAt.set(failure.code, now);
    log.warn({ err: failure.cause ?? failure, code: failure.code }, 'Refusing requests');
  }

  /** Logs an error once, even if several fields of one operation throw it. */
  function logBug(error: unknown): Internal {
    const key = typeof error === 'object' && error !== null ? error : {};
    const known = reported.get(key);
    if (known) return known;
    const failure = new Internal({ cause: error });
    reported.set(key, failure);
    log.error({ err: error, incident: failure.incident }, 'Request failed with an internal error');
    return failure;
  }

  return (error) => {
    const failure = toDomainError(error);
    if (!failure) return logBug(error);
    if (failure.status === 503) warn(failure);
    return failure;
  };
}

/** The expected error that a failure stands for; undefined for a bug. */
export function toDomainError(error: unknown): DomainError | undefined {
  for (const cause of causesOf(error)) if (cause instanceof DomainError) return cause;
  if (isAbort(error)) return new OperationEnded();
  if (isQueryTooSlow(error)) return new QueryTooSlow({ cause: error });
  return isStorageUnavailable(error) ? new StorageUnavailable({ cause: error }) : undefined;
}

/** A signal aborted without a reason: the client has disconnected. */
const isAbort = (error: unknown) => error instanceof Error && error.name === 'AbortError';
