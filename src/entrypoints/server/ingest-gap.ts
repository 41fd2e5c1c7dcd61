import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';

/** Waits while events are being ingested, at most `maxMs`, so that work on the event loop does not delay them. */
export type WaitForGap = (maxMs: number) => Promise<void>;

export const createIngestGap =
  (isIngesting: () => boolean): WaitForGap =>
  async (maxMs) => {
    const deadline = performance.now() + maxMs;
    // Events that have arrived at a socket are read in the next turn of the event loop at the earliest.
    await nextTurn();
    while (isIngesting() && performance.now() < deadline) await wait(1);
  };
