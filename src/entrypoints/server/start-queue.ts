import { setImmediate as nextTurn } from 'node:timers/promises';
import type { WaitForGap } from './ingest-gap.ts';

/** How long each request yields to ingestion; about the duration of one ingest. */
const maxYieldMs = 8;

/**
 * Starts concurrent requests one by one, each in its own turn of the event loop and in the gaps of ingestion, so that
 * other work continues between them. Keys take turns in round-robin order.
 */
export interface StartQueue {
  /** Resolves when it is this request's turn; without delay if its client has disconnected. */
  waitForTurn(key: string, hasDisconnected: () => boolean): Promise<void>;
}

interface Waiting {
  start(): void;
  hasDisconnected(): boolean;
}

export function createStartQueue(waitForGap: WaitForGap): StartQueue {
  /** In the order of turns: the key that has waited longest is first. */
  const queues = new Map<string, Waiting[]>();
  let isRunning = false;

  function startNext() {
    const [first] = queues;
    if (!first) return;
    const [key, queue] = first;
    queue.shift()?.start();
    queues.delete(key);
    if (queue.length > 0) queues.set(key, queue);
  }

  async function run() {
    isRunning = true;
    for (let [queue] = queues.values(); queue; [queue] = queues.values()) {
      const isConnected = !queue[0]?.hasDisconnected();
      if (isConnected) await waitForGap(maxYieldMs);
      startNext();
      if (isConnected) await nextTurn();
    }
    isRunning = false;
  }

  return {
    waitForTurn(key, hasDisconnected) {
      const queue = queues.get(key) ?? [];
      queues.set(key, queue);
      const passed = new Promise<void>((start) => queue.push({ start, hasDisconnected }));
      if (!isRunning) void run();
      return passed;
    },
  };
}
