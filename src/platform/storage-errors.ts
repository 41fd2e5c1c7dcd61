import { Overloaded, StorageUnavailable } from './errors.ts';

/**
 * The SQLSTATEs with which PostgreSQL refuses a valid request: connection exception (08), transaction rollback (40),
 * invalid authorization (28), invalid catalog (3D), insufficient resources, disk full included (53), object not in
 * prerequisite state (55), operator intervention (57), system error (58), read-only transaction (25006), idle timeout
 * (25P03).
 */
const unavailableState = /^(?:(?:08|28|3D|40|53|55|57|58)[0-9A-Z]{3}|25006|25P03)$/;

/** The only state of class 57 that is no outage: the statement was canceled, by `statement_timeout` or by us. */
const canceled = '57014';

/** Socket errors of Node.js, and Prisma's codes for a database that cannot be reached. */
const unavailableCode =
  /^(?:ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|P10(?:0[0-389]|1[017])|P20(?:24|28))$/;
const unavailableKind =
  /^(?:AuthenticationFailed|ConnectionClosed|DatabaseAccessDenied|DatabaseDoesNotExist|DatabaseNotReachable|SocketTimeout|TlsConnectionError|TooManyConnections)$/;
const unavailableText =
  /Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Can't reach database server|Unable to start a transaction/;

/** Prisma's message when a transaction exceeds its timeout. */
const expiredText = /expired transaction/;

interface Failure {
  code?: unknown;
  /** The SQLSTATE, where Prisma's adapter has its own `kind` for it. */
  originalCode?: unknown;
  kind?: unknown;
  message?: unknown;
  cause?: unknown;
  originalError?: unknown;
  meta?: { driverAdapterError?: unknown } | null;
}

/** An error and its causes, the outermost first. */
export function* causesOf(error: unknown): Generator<Failure> {
  let next = error;
  for (let depth = 0; depth < 10 && typeof next === 'object' && next !== null; depth += 1) {
    const failure = next as Failure;
    yield failure;
    next = failure.meta?.driverAdapterError ?? failure.originalError ?? failure.cause;
  }
}

const matches = (pattern: RegExp, value: unknown) =>
  typeof value === 'string' && pattern.test(value);

const hasState = ({ code, originalCode }: Failure, state: string) =>
  code === state || originalCode === state;

/** Whether the same work may succeed a moment later: the database is unavailable, or too much waits for it. */
export function isTransient(error: unknown): boolean {
  if (isStorageUnavailable(error)) return true;
  return causesOf(error).some((failure) => failure instanceof Overloaded);
}

/** Whether the database is unreachable or refuses service for a reason outside the request. */
export function isStorageUnavailable(error: unknown): boolean {
  if (isQueryTooSlow(error)) return false;
  for (const failure of causesOf(error)) {
    const { code, originalCode, kind, message } = failure;
    if (
      failure instanceof StorageUnavailable ||
      matches(unavailableState, originalCode ?? code) ||
      matches(unavailableCode, code) ||
      matches(unavailableKind, kind) ||
      matches(unavailableText, message)
    ) {
      return true;
    }
  }
  return false;
}

/** Whether a statement or its transaction exceeded its time limit. */
export function isQueryTooSlow(error: unknown): boolean {
  for (const failure of causesOf(error)) {
    if (hasState(failure, canceled) || matches(expiredText, failure.message)) return true;
  }
  return false;
}

/** Whether the session is read-only: the server has become a standby, or writing was disabled. */
export const isReadOnly = (error: unknown): boolean => hasCause(error, '25006');

export const isDiskFull = (error: unknown): boolean => hasCause(error, '53100');

function hasCause(error: unknown, state: string): boolean {
  for (const failure of causesOf(error)) if (hasState(failure, state)) return true;
  return false;
}

/** Whether the statement failed because its transaction had already failed or ended. */
export function isTransactionAborted(error: unknown): boolean {
  for (const failure of causesOf(error)) {
    if (hasState(failure, '25P02') || failure.code === 'P2028') return true;
  }
  return false;
}

/** Rethrows the error, as `StorageUnavailable` if the database is unavailable. */
export function asStorageError(error: unknown): never {
  if (error instanceof StorageUnavailable || !isStorageUnavailable(error)) throw error;
  throw new StorageUnavailable({ cause: error });
}
