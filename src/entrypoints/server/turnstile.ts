import { setImmediate as nextTurn } from 'node:timers/promises';
import type { WaitForGap } from './ingest-gap.ts';

/** How long one that is next lets ingestion go first: an ingest takes about as long. */
const maxYieldMs = 8;

/**
 * Lets those that come together start one by one, each in a turn of the event loop of its own and in the gaps of
 * ingestion: what else the server has to do goes on between them. The turns go round by key.
 */
export interface Turnstile {
  /** Resolves when it is the turn of this one; at once for a client that has left in the meantime. */
  pass(key: string, hasLeft: () => boolean): Promise<void>;
}

interface Waiting {
  start(): void;
  hasLeft(): boolean;
}

export function createTurnstile(waitForGap: WaitForGap): Turnstile {
  /** The key that has waited longest comes first. */
  const queues = new Map<string, Waiting[]>();
  let isTurning = false;

  function take() {
    const [first] = queues;
    if (!first) return;
    const [key, queue] = first;
    queue.shift()?.start();
    queues.delete(key);
    if (queue.length > 0) queues.set(key, queue);
  }

  async function turn() {
    isTurning = true;
    for (let [queue] = queues.values(); queue; [queue] = queues.values()) {
      const isHere = !queue[0]?.hasLeft();
      if (isHere) await waitForGap(maxYieldMs);
      take();
      if (isHere) await nextTurn();
    }
    isTurning = false;
  }

  return {
    pass(key, hasLeft) {
      const queue = queues.get(key) ?? [];
      queues.set(key, queue);
      const passed = new Promise<void>((start) => queue.push({ start, hasLeft }));
      if (!isTurning) void turn();
      return passed;
    },
  };
}
