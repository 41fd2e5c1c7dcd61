import type { Server, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

const sweepMs = 50;

/** Knows what a server is answering, so that it can stop without breaking an answer off. */
export interface Drain {
  isDraining(): boolean;
  /** The response is under way from now on. */
  watch(response: ServerResponse): void;
  /** Accepts no more connections; every answer from now on is the last on its connection. */
  begin(): void;
  /** Resolves when every connection is gone; after `patienceMs` those that are left are cut. */
  end(patienceMs: number): Promise<void>;
}

export function createDrain(server: Server): Drain {
  const answering = new Set<ServerResponse>();
  const closed = Promise.withResolvers<void>();
  let draining = false;

  return {
    isDraining: () => draining,
    watch(response) {
      if (draining) endConnectionWith(response);
      answering.add(response);
      response.once('close', () => answering.delete(response));
    },
    begin() {
      draining = true;
      server.close(() => closed.resolve());
      for (const response of answering) endConnectionWith(response);
    },
    async end(patienceMs) {
      // Of an answer that had begun already, the client was told that its connection stays.
      const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
      await Promise.race([closed.promise, wait(patienceMs, undefined, { ref: false })]);
      clearInterval(sweep);
      server.closeAllConnections();
    },
  };
}

function endConnectionWith(response: ServerResponse) {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
