import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';

/** Waits while events are being taken in, `maxMs` at the longest: what takes the event loop lets them go first. */
export type WaitForGap = (maxMs: number) => Promise<void>;

export const createIngestGap =
  (isIngesting: () => boolean): WaitForGap =>
  async (maxMs) => {
    const until = performance.now() + maxMs;
    // Events that have arrived at a socket are seen in the next turn at the earliest.
    await nextTurn();
    while (isIngesting() && performance.now() < until) await wait(1);
  };
