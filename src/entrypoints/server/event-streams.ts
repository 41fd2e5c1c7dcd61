import { randomBytes } from 'node:crypto';
import type { Connections } from '../../access/connections.ts';
import type { Limits } from '../../access/limits.ts';
import type { Principal } from '../../access/principal.ts';
import { DomainError, Overloaded, RateLimited } from '../../platform/errors.ts';
import { createEventStream, type EventStream } from './event-stream.ts';
import { maxOperationsPerStream, TooManyOperations } from './stream-operations.ts';

/** A reserved stream that is not opened within this time ends. */
const reservationMs = 30_000;
const maxReservationsPerKey = 1_000;
const tokenBytes = 24;

/** The same for a token of another key, so that nothing is learned from it. */
class StreamNotFound extends DomainError {
  readonly code = 'STREAM_NOT_FOUND';
  override readonly status = 404;

  constructor() {
    super('No event stream with this token. It has ended, or expired. Reserve a new one with PUT.');
  }
}

/** The event streams in single connection mode by token. */
export interface EventStreams {
  /** Reserves a stream, which counts as a socket of its key. @throws RateLimited, Overloaded */
  reserve(principal: Principal): EventStream;
  /** Finds a stream of the same key. @throws StreamNotFound */
  find(token: string, principal: Principal): EventStream;
  /** Limits the operations before the stream is open: their results are kept. @throws TooManyOperations */
  requireRoom(stream: EventStream): void;
  /** Ends all streams and refuses new ones. */
  close(): void;
}

export function createEventStreams({
  limits,
  connections,
}: {
  limits: Pick<Limits, 'acquire'>;
  connections: Pick<Connections, 'register'>;
}): EventStreams {
  const streams = new Map<string, EventStream>();
  /** The streams that are not open yet. */
  const reserved = new Set<EventStream>();
  let isClosed = false;

  const reservedBy = ({ keyId }: Principal) =>
    [...reserved].filter(({ principal }) => principal.keyId === keyId);

  function requireReservation(principal: Principal) {
    if (isClosed) throw new Overloaded('The server is shutting down.');
    if (reservedBy(principal).length < maxReservationsPerKey) return;
    throw new RateLimited(
      `This key has ${maxReservationsPerKey} reserved event streams. Open them with GET.`,
    );
  }

  return {
    reserve(principal) {
      requireReservation(principal);
      const release = limits.acquire('sockets', principal);
      const token = randomBytes(tokenBytes).toString('base64url');
      const stream = createEventStream(token, principal, {
        onOpen() {
          clearTimeout(expiry);
          reserved.delete(stream);
        },
        onEnd() {
          clearTimeout(expiry);
          reserved.delete(stream);
          streams.delete(token);
          deregister();
          release();
        },
      });
      const expiry = setTimeout(stream.end, reservationMs).unref();
      const deregister = connections.register(principal, stream.end);
      streams.set(token, stream);
      reserved.add(stream);
      return stream;
    },
    find(token, { keyId }) {
      const stream = streams.get(token);
      if (stream?.principal.keyId !== keyId) throw new StreamNotFound();
      return stream;
    },
    requireRoom(stream) {
      if (stream.isOpen()) return;
      const counts = reservedBy(stream.principal).map(({ operations }) => operations.count());
      if (counts.reduce((sum, count) => sum + count, 0) < maxOperationsPerStream) return;
      throw new TooManyOperations(
        `The reserved event streams of this key have ${maxOperationsPerStream} operations. Open the streams first.`,
      );
    },
    close() {
      isClosed = true;
      for (const stream of streams.values()) stream.end();
    },
  };
}
