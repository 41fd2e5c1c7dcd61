/** Runs flushes a moment after they were added, without holding up other work. */
export interface Flusher {
  add(flush: () => void): void;
}

/** Changes that arrive within this time are written together. */
const gatherMs = 1;
/** Then other work of the process has its turn. */
const maxTurnMs = 2;
/** The clock is read once for so many flushes. */
const flushesPerCheck = 8;

export function createFlusher(): Flusher {
  let queue: Array<() => void> = [];
  let isScheduled = false;

  function run() {
    const end = performance.now() + maxTurnMs;
    const flushes = queue;
    queue = [];
    let done = 0;
    while (done < flushes.length) {
      flushes[done]?.();
      done += 1;
      if (done % flushesPerCheck === 0 && performance.now() > end) break;
    }
    queue = [...flushes.slice(done), ...queue];
    isScheduled = queue.length > 0;
    if (isScheduled) setImmediate(run);
  }

  return {
    add(flush) {
      queue.push(flush);
      if (isScheduled) return;
      isScheduled = true;
      setTimeout(run, gatherMs);
    },
  };
}
