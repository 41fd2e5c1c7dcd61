import type { Limits } from '../access/limits.ts';

/** The operations of one WebSocket: how many may begin, and what ends those whose client has left. */
export interface SocketOperations {
  /** @throws RateLimited when the socket begins too many */
  begin(id: string): AbortSignal;
  end(id: string): void;
  endAll(): void;
}

export function createSocketOperations(limits: Pick<Limits, 'countOperation'>): SocketOperations {
  const socketId = crypto.randomUUID();
  const running = new Map<string, AbortController>();

  function end(id: string) {
    running.get(id)?.abort();
    running.delete(id);
  }

  return {
    begin(id) {
      limits.countOperation(socketId);
      const ending = new AbortController();
      running.set(id, ending);
      return ending.signal;
    },
    end,
    endAll() {
      for (const id of running.keys()) end(id);
    },
  };
}
