/**
 * Lets those that come together start one by one, each in a turn of the event loop of its own: what else the
 * server has to do goes on between them. The turns go round by key.
 */
export interface Turnstile {
  pass(key: string): Promise<void>;
}

export function createTurnstile(): Turnstile {
  /** The key that has waited longest comes first. */
  const queues = new Map<string, Array<() => void>>();
  let isTurning = false;

  function turn() {
    const [next] = queues;
    if (!next) {
      isTurning = false;
      return;
    }
    const [key, queue] = next;
    const start = queue.shift();
    queues.delete(key);
    if (queue.length > 0) queues.set(key, queue);
    start?.();
    setImmediate(turn);
  }

  return {
    pass(key) {
      if (!isTurning) {
        isTurning = true;
        setImmediate(turn);
        return Promise.resolve();
      }
      const queue = queues.get(key) ?? [];
      queues.set(key, queue);
      return new Promise((resolve) => queue.push(resolve));
    },
  };
}
