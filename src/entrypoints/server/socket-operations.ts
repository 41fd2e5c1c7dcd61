import type { Limits } from '../../access/limits.ts';

/** The operations of one WebSocket: how many may begin, and what ends those whose client has left. */
export interface SocketOperations {
  /**
   * @param operation its payload: an id may be in use again while its last operation is still ending
   * @throws RateLimited when the socket begins too many
   */
  begin(operation: object, id: string): AbortSignal;
  end(operation: object): void;
  /** Ends the last operation with that id. */
  complete(id: string): void;
  endAll(): void;
}

export function createSocketOperations(limits: Pick<Limits, 'countOperation'>): SocketOperations {
  const socketId = crypto.randomUUID();
  const running = new Map<object, { ending: AbortController; id: string }>();
  const current = new Map<string, object>();

  function end(operation: object) {
    const found = running.get(operation);
    if (!found) return;
    found.ending.abort();
    running.delete(operation);
    if (current.get(found.id) === operation) current.delete(found.id);
  }

  return {
    begin(operation, id) {
      limits.countOperation(socketId);
      const ending = new AbortController();
      running.set(operation, { ending, id });
      current.set(id, operation);
      return ending.signal;
    },
    end,
    complete(id) {
      const operation = current.get(id);
      if (operation) end(operation);
    },
    endAll() {
      for (const operation of running.keys()) end(operation);
    },
  };
}
