/** Flushes sockets a moment after they were added, without holding up other work. */
export interface Flusher {
  add(socket: Flushable): void;
}

interface Flushable {
  flush(): void;
}

/** Changes that arrive within this time are written together. */
const gatherMs = 1;
/** Then other work of the process has its turn. */
const maxTurnMs = 2;
/** The clock is read once for so many sockets. */
const socketsPerCheck = 8;

export function createFlusher(): Flusher {
  let queue: Flushable[] = [];
  /** How many of the queue are flushed. */
  let done = 0;
  let isScheduled = false;

  function run() {
    const end = performance.now() + maxTurnMs;
    while (done < queue.length) {
      queue[done]?.flush();
      done += 1;
      if (done % socketsPerCheck === 0 && performance.now() > end) break;
    }
    if (done < queue.length) return void setImmediate(run);
    queue = [];
    done = 0;
    isScheduled = false;
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
