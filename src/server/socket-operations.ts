import type { Limits } from '../access/limits.ts';

/** The operations of one WebSocket: how many may begin, and what ends those whose client has left. */
export interface SocketOperations {
  /** @throws RateLimited when the socket begins too many */
  begin(operation: object): AbortSignal;
  /** By its payload: an id may be in use again while its last operation is still ending. */
  end(operation: object): void;
  endAll(): void;
}

export function createSocketOperations(limits: Pick<Limits, 'countOperation'>): SocketOperations {
  const socketId = crypto.randomUUID();
  const running = new Map<object, AbortController>();

  function end(operation: object) {
    running.get(operation)?.abort();
    running.delete(operation);
  }

  return {
    begin(operation) {
      limits.countOperation(socketId);
      const ending = new AbortController();
      running.set(operation, ending);
      return ending.signal;
    },
    end,
    endAll() {
      for (const operation of running.keys()) end(operation);
    },
  };
}
