import { setImmediate } from 'node:timers/promises';

/**
 * Reads all available items of a source instead of one at a time, so that they can be processed as a batch. Buffers
 * at most `max` items.
 */
export function readAhead<T>(source: AsyncIterator<T>, max: number) {
  const ready: T[] = [];
  let failure: { error: unknown } | undefined;
  let isDone = false;
  let isReading = false;
  let arrived = Promise.withResolvers<void>();

  async function fill() {
    isReading = true;
    try {
      while (!isDone && ready.length < max) {
        const { done, value } = await source.next();
        if (done) isDone = true;
        else ready.push(value);
        arrived.resolve();
      }
    } catch (error) {
      failure = { error };
      arrived.resolve();
    }
    isReading = false;
  }

  async function arrival(maxMs: number, interrupt: Promise<void> | undefined) {
    let isLate = false;
    const giveUp = () => {
      isLate = true;
      arrived.resolve();
    };
    const timer = Number.isFinite(maxMs) ? setTimeout(giveUp, maxMs) : undefined;
    void interrupt?.then(giveUp);
    while (ready.length === 0 && !isDone && !failure && !isLate) {
      await arrived.promise;
      arrived = Promise.withResolvers();
    }
    clearTimeout(timer);
  }

  return {
    /** The available items; empty when nothing arrived within `maxMs` or before the interrupt, undefined once the source has ended. */
    async read(maxMs = Infinity, interrupt?: Promise<void>): Promise<T[] | undefined> {
      if (!isReading && !failure) void fill();
      await arrival(maxMs, interrupt);
      // Items of the same page arrive within this turn of the event loop.
      await setImmediate();
      if (ready.length > 0) return ready.splice(0);
      if (failure) throw failure.error;
      return isDone ? undefined : [];
    },
    /** Stops reading; a waiting call returns immediately. */
    stop() {
      isDone = true;
      arrived.resolve();
    },
  };
}
