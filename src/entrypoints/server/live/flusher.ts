/** Flushes sockets a moment after they were added, without holding up other work. */
export interface Flusher {
  add(socket: Flushable): void;
}

interface Flushable {
  flush(): void;
}

/** Changes that arrive within this time are written together. */
const gatherMs = 1;
/**
 * Then other work of the process has its turn. Short, because an ingest waits for several answers of the database, each
 * of which waits for a turn to end.
 */
const maxTurnMs = 0.5;
/** The clock is read once for so many sockets. */
const socketsPerCheck = 8;

export function createFlusher(): Flusher {
  let queue: Flushable[] = [];
  /** How many of the queue are flushed. */
  let done = 0;
  let isScheduled = false;

  function run() {
    try {
      flushForATurn();
    } finally {
      if (done < queue.length) setImmediate(run);
      else {
        queue = [];
        done = 0;
        isScheduled = false;
      }
    }
  }

  function flushForATurn() {
    const end = performance.now() + maxTurnMs;
    while (done < queue.length) {
      const socket = queue[done];
      done += 1;
      socket?.flush();
      if (done % socketsPerCheck === 0 && performance.now() > end) return;
    }
  }

  return {
    add(socket) {
      queue.push(socket);
      if (isScheduled) return;
      isScheduled = true;
      setTimeout(run, gatherMs);
    },
  };
}
