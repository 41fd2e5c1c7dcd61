import { setImmediate } from 'node:timers/promises';

/**
 * Takes from a source all that it has at hand, instead of one item at a time: what came in together can
 * then be worked on together. Never more than `max` are held.
 */
export function readAhead<T>(source: AsyncIterator<T>, max: number) {
  const ready: T[] = [];
  let failure: { error: unknown } | undefined;
  let isDone = false;
  let isReading = false;
  let arrived = Promise.withResolvers<void>();

  async function read() {
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

  async function arrival(maxMs: number | undefined) {
    let isLate = false;
    const giveUp = () => {
      isLate = true;
      arrived.resolve();
    };
    const timer = maxMs === undefined ? undefined : setTimeout(giveUp, maxMs);
    while (ready.length === 0 && !isDone && !failure && !isLate) {
      await arrived.promise;
      arrived = Promise.withResolvers();
    }
    clearTimeout(timer);
  }

  return {
    /** What is at hand; empty when nothing arrived within `maxMs`, undefined once the source has ended. */
    async take(maxMs?: number): Promise<T[] | undefined> {
      if (!isReading && !failure) void read();
      await arrival(maxMs);
      // What was read in the same page arrives within this turn.
      await setImmediate();
      if (ready.length > 0) return ready.splice(0);
      if (failure) throw failure.error;
      return isDone ? undefined : [];
    },
    /** Reads no more; a call that waits is answered at once. */
    stop() {
      isDone = true;
      arrived.resolve();
    },
  };
}
