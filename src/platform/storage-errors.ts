import { StorageUnavailable } from './errors.ts';

/**
 * The SQLSTATEs with which PostgreSQL does not serve a request that is right in itself: connection lost (08), rolled back
 * in favour of another (40), login (28), no such database (3D), out of resources, disk full included (53), in the wrong
 * state (55), operator intervention (57), input and output (58), read-only (25006), idle for too long (25P03).
 */
const unavailableState = /^(?:(?:08|28|3D|40|53|55|57|58)[0-9A-Z]{3}|25006|25P03)$/;

/** Of the class 57, this alone is no outage: the statement was canceled, by `statement_timeout` or by us. */
const canceled = '57014';

/** A lost socket by its name in Node.js, and what Prisma calls a database that cannot be reached. */
const unavailableCode =
  /^(?:ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|P10(?:0[0-389]|1[017])|P20(?:24|28))$/;
const unavailableKind =
  /^(?:AuthenticationFailed|ConnectionClosed|DatabaseAccessDenied|DatabaseDoesNotExist|DatabaseNotReachable|SocketTimeout|TlsConnectionError|TooManyConnections)$/;
const unavailableText =
  /Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Can't reach database server|Unable to start a transaction/;

/** Prisma ends a transaction whose time is over between two statements, or while one is under way. */
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

/** An error and the errors that led to it, the outermost first. */
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

/** The database is away, or refuses for a reason that is not in the request. */
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

/** The time of a statement, or of all statements of an operation together, was over. */
export function isQueryTooSlow(error: unknown): boolean {
  for (const failure of causesOf(error)) {
    if (hasState(failure, canceled) || matches(expiredText, failure.message)) return true;
  }
  return false;
}

/** The session only reads: its server has become a standby, or writing was turned off. */
export const isReadOnly = (error: unknown): boolean => hasCause(error, '25006');

export const isDiskFull = (error: unknown): boolean => hasCause(error, '53100');

function hasCause(error: unknown, state: string): boolean {
  for (const failure of causesOf(error)) if (hasState(failure, state)) return true;
  return false;
}

/** The transaction is of no use any more: something in it failed before, or it is over. */
export function isConsequence(error: unknown): boolean {
  for (const failure of causesOf(error)) {
    if (hasState(failure, '25P02') || failure.code === 'P2028') return true;
  }
  return false;
}

/** Rethrows, with a database that does not serve as `StorageUnavailable`. */
export function asStorageError(error: unknown): never {
  if (error instanceof StorageUnavailable || !isStorageUnavailable(error)) throw error;
  throw new StorageUnavailable({ cause: error });
}
