import type { Limits } from '../../access/limits.ts';

/** Tracks the operations of one WebSocket, limits their rate and aborts those that the client ends. */
export interface SocketOperations {
  /**
   * @param operation its payload identifies it: a client may reuse an id while the previous operation is still ending
   * @throws RateLimited when the socket starts too many
   */
  begin(operation: object, id: string): AbortSignal;
  end(operation: object): void;
  /** Ends the current operation with this id. */
  complete(id: string): void;
  endAll(): void;
}

export function createSocketOperations(limits: Pick<Limits, 'countOperation'>): SocketOperations {
  const socketId = crypto.randomUUID();
  const running = new Map<object, { ending: AbortController; id: string }>();
  const current = new Map<string, object>();

  function end(operation: object) {
    const entry = running.get(operation);
    if (!entry) return;
    entry.ending.abort();
    running.delete(operation);
    if (current.get(entry.id) === operation) current.delete(entry.id);
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
