import { type DomainError, Overloaded } from './errors.ts';

/** Limits concurrent tasks. Waiting tasks start in round-robin order of their keys. Decision 0024. */
export interface FairGate {
  /**
   * Runs `work` once there is a slot for its key.
   *
   * @throws the error of `refuse` when the key's queue is full or the wait took too long; the signal's reason
   *   when it aborts before the work starts
   */
  run<T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** The numbers of running and waiting tasks. */
  load(): { running: number; waiting: number };
}

interface Waiting {
  start(): void;
  refuse(reason: unknown): void;
}

export interface FairGateOptions {
  slots: number;
  /** Maximum of slots that one key uses at a time. */
  slotsPerKey: number;
  maxWaitingPerKey: number;
  maxWaitMs: number;
  refuse?: () => DomainError;
}

export function createFairGate(options: FairGateOptions): FairGate {
  const { slots, slotsPerKey, maxWaitingPerKey, maxWaitMs } = options;
  const refuse = options.refuse ?? (() => new Overloaded());
  const running = new Map<string, number>();
  /** In the order of turns: the key that has waited longest is first. */
  const queues = new Map<string, Set<Waiting>>();
  let free = slots;

  const hasSlot = (key: string) => free > 0 && (running.get(key) ?? 0) < slotsPerKey;

  function enter(key: string) {
    free -= 1;
    running.set(key, (running.get(key) ?? 0) + 1);
  }

  function leave(key: string) {
    free += 1;
    const rest = (running.get(key) ?? 1) - 1;
    if (rest === 0) running.delete(key);
    else running.set(key, rest);
    startWaiting();
  }

  function startWaiting() {
    for (const [key, queue] of queues) {
      if (free === 0) return;
      const [first] = queue;
      if (!first || !hasSlot(key)) continue;
      remove(key, first);
      // Move the key to the end: its next task waits until every other key has had a turn.
      if (queue.size > 0) queues.delete(key) && queues.set(key, queue);
      enter(key);
      first.start();
    }
  }

  function remove(key: string, entry: Waiting) {
    const queue = queues.get(key);
    queue?.delete(entry);
    if (queue?.size === 0) queues.delete(key);
  }

  function wait(key: string, signal: AbortSignal | undefined): Promise<void> {
    const queue = queues.get(key) ?? new Set();
    if (queue.size >= maxWaitingPerKey) return Promise.reject(refuse());
    queues.set(key, queue);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const entry: Waiting = { start: resolve, refuse: reject };
    queue.add(entry);
    const giveUp = (reason: unknown) => {
      remove(key, entry);
      reject(reason);
    };
    const timer = setTimeout(() => giveUp(refuse()), maxWaitMs);
    const onAbort = () => giveUp(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    return promise.finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    });
  }

  return {
    async run(key, work, signal) {
      signal?.throwIfAborted();
      if (hasSlot(key)) enter(key);
      else await wait(key, signal);
      try {
        return await work();
      } finally {
        leave(key);
      }
    },
    load: () => ({
      running: slots - free,
      waiting: [...queues.values()].reduce((sum, { size }) => sum + size, 0),
    }),
  };
}
