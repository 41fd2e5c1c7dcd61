import { StorageUnavailable } from './errors.ts';

/** Connection failures and shutdowns, by SQLSTATE class or by the name the socket gave it. */
const unavailable =
  /^(08...|57P0[123]|53300|55006|25P03|ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|ENOENT|P1001|P1002|P1008|P1017|P2024|P2028)$/;
const unavailableText =
  /Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Can't reach database server|Unable to start a transaction/;
/** The same in the words of Prisma's adapter, which keeps the code of a socket to itself. */
const unavailableKind =
  /^(ConnectionClosed|DatabaseNotReachable|SocketTimeout|TooManyConnections)$/;

interface Failure {
  code?: unknown;
  kind?: unknown;
  message?: unknown;
  cause?: unknown;
  meta?: { driverAdapterError?: { cause?: { originalCode?: unknown } } };
}

export function isStorageUnavailable(error: unknown): boolean {
  if (error instanceof StorageUnavailable) return true;
  if (typeof error !== 'object' || error === null) return false;
  const { code, kind, message, cause, meta } = error as Failure;
  return (
    (typeof code === 'string' && unavailable.test(code)) ||
    (typeof kind === 'string' && unavailableKind.test(kind)) ||
    (typeof message === 'string' && unavailableText.test(message)) ||
    isStorageUnavailable(meta?.driverAdapterError?.cause) ||
    isStorageUnavailable(cause)
  );
}

/** The database gave a statement up because its time was over (SQLSTATE 57014). */
export function isQueryTooSlow(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, cause, meta } = error as Failure;
  const told = meta?.driverAdapterError?.cause;
  return code === '57014' || told?.originalCode === '57014' || isQueryTooSlow(cause);
}

/** Rethrows, with a database that cannot be reached told as the refusal it is. */
export function asStorageError(error: unknown): never {
  if (error instanceof StorageUnavailable || !isStorageUnavailable(error)) throw error;
  throw new StorageUnavailable({ cause: error });
}
