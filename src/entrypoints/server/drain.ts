import type { Server, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

const sweepMs = 50;

/** Tracks pending responses, so that the server can stop without interrupting one. */
export interface Drain {
  isDraining(): boolean;
  /** Registers a pending response. */
  watch(response: ServerResponse): void;
  /** Stops accepting connections; every later response is the last on its connection. */
  begin(): void;
  /** Resolves when all connections are closed; after `timeoutMs` the remaining ones are destroyed. */
  end(timeoutMs: number): Promise<void>;
}

export function createDrain(server: Server): Drain {
  const pending = new Set<ServerResponse>();
  const closed = Promise.withResolvers<void>();
  let draining = false;

  return {
    isDraining: () => draining,
    watch(response) {
      if (draining) endConnectionWith(response);
      pending.add(response);
      response.once('close', () => pending.delete(response));
    },
    begin() {
      draining = true;
      server.close(() => closed.resolve());
      for (const response of pending) endConnectionWith(response);
    },
    async end(timeoutMs) {
      // Responses that had started before announced keep-alive; their connections become idle.
      const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
      await Promise.race([closed.promise, wait(timeoutMs, undefined, { ref: false })]);
      clearInterval(sweep);
      server.closeAllConnections();
    },
  };
}

function endConnectionWith(response: ServerResponse) {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
