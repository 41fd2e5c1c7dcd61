import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

const maxPipelined = 32;

interface Queue {
  length: number;
  last: Promise<void>;
}

/**
 * Runs the pipelined requests of a connection one after another: run concurrently, their responses would accumulate
 * in memory behind the first. With more than 32 waiting the connection is destroyed.
 */
export function createPipelines() {
  const queues = new WeakMap<Duplex, Queue>();

  return {
    /** Resolves when all earlier responses are sent; never if the connection ends before. */
    async waitForTurn(socket: Duplex, response: ServerResponse): Promise<void> {
      const queue = queues.get(socket) ?? { length: 0, last: Promise.resolve() };
      queues.set(socket, queue);
      const previous = queue.length === 0 ? undefined : queue.last;
      queue.length += 1;
      queue.last = new Promise((resolve) => {
        response.once('close', () => {
          queue.length -= 1;
          resolve();
        });
      });
      if (queue.length > maxPipelined) socket.destroy();
      await previous;
    },
    /** Whether a response is pending on the connection. */
    isResponding: (socket: Duplex): boolean => (queues.get(socket)?.length ?? 0) > 0,
  };
}

export type Pipelines = ReturnType<typeof createPipelines>;
