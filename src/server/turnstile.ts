import { setImmediate as nextTurn } from 'node:timers/promises';
import type { WaitForGap } from './ingest-gap.ts';

/** How long one that is next lets ingestion go first: an ingest takes about as long. */
const maxYieldMs = 8;

/**
 * Lets those that come together start one by one, each in a turn of the event loop of its own and in the gaps of
 * ingestion: what else the server has to do goes on between them. The turns go round by key.
 */
export interface Turnstile {
  pass(key: string): Promise<void>;
}

export function createTurnstile(waitForGap: WaitForGap): Turnstile {
  /** The key that has waited longest comes first. */
  const queues = new Map<string, Array<() => void>>();
  let isTurning = false;

  async function turn() {
    isTurning = true;
    for (let [next] = queues; next; [next] = queues) {
      await waitForGap(maxYieldMs);
      const [key, queue] = next;
      const start = queue.shift();
      queues.delete(key);
      if (queue.length > 0) queues.set(key, queue);
      start?.();
      await nextTurn();
    }
    isTurning = false;
  }

  return {
    pass(key) {
      const queue = queues.get(key) ?? [];
      queues.set(key, queue);
      const passed = new Promise<void>((resolve) => queue.push(resolve));
      if (!isTurning) void turn();
      return passed;
    },
  };
}
