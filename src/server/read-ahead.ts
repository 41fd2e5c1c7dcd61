import { setImmediate } from 'node:timers/promises';

/**
 * Takes from a source all that it has at hand, instead of one item at a time: what came in together can
 * then be worked on together. Never more than `most` are held.
 */
export function readAhead<T>(source: AsyncIterator<T>, most: number) {
  const ready: T[] = [];
  let failure: { error: unknown } | undefined;
  let isDone = false;
  let isReading = false;
  let arrived = Promise.withResolvers<void>();

  async function read() {
    isReading = true;
    try {
      while (!isDone && ready.length < most) {
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

  return {
    /** What is at hand, at least one item; nothing once the source has ended. */
    async take(): Promise<T[]> {
      if (!isReading && !failure) void read();
      while (ready.length === 0 && !isDone && !failure) {
        await arrived.promise;
        arrived = Promise.withResolvers();
      }
      // What was read in the same page arrives within this turn.
      await setImmediate();
      if (ready.length === 0 && failure) throw failure.error;
      return ready.splice(0);
    },
  };
}
