import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

const maxPipelined = 32;

interface Line {
  length: number;
  last: Promise<void>;
}

/**
 * Requests that a client sends on one connection without waiting for answers are run one after another:
 * run at once, their answers would pile up in memory behind the first. Over 32 the connection is cut.
 */
export function createTurns() {
  const lines = new WeakMap<Duplex, Line>();

  return {
    /** Resolves when the answers before this one are sent; never if the connection ends before. */
    async of(socket: Duplex, response: ServerResponse): Promise<void> {
      const line = lines.get(socket) ?? { length: 0, last: Promise.resolve() };
      lines.set(socket, line);
      const before = line.length === 0 ? undefined : line.last;
      line.length += 1;
      line.last = new Promise((resolve) => {
        response.once('close', () => {
          line.length -= 1;
          resolve();
        });
      });
      if (line.length > maxPipelined) socket.destroy();
      await before;
    },
    /** Whether an answer is under way on the connection. */
    isAnswering: (socket: Duplex): boolean => (lines.get(socket)?.length ?? 0) > 0,
  };
}

export type Turns = ReturnType<typeof createTurns>;
