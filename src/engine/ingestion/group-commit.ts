import { Overloaded, StorageUnavailable } from '../../platform/errors.ts';

export interface GroupCommit<Item, Result> {
  /** Adds items to the next transaction of `key`. Resolves after its commit, with one result for each item. */
  submit(key: string, items: Item[]): Promise<Result[]>;
  /** Resolves when no request is waiting or running. */
  idle(): Promise<void>;
  /** The number of items that are waiting or running. */
  backlog(): number;
}

interface PendingRequest<Item, Result> {
  items: Item[];
  resolve(results: Result[]): void;
  reject(error: unknown): void;
}

/**
 * Combines requests of one key into one transaction if they arrive within a few milliseconds of each other or while a
 * transaction of the key runs. If a transaction fails, its requests are retried one by one, so that only the faulty one
 * fails.
 */
export function createGroupCommit<Item, Result>(options: {
  /** Runs one transaction. Returns one result for each item, in order. */
  commit(key: string, items: Item[]): Promise<Result[]>;
  gatherMs: number;
  maxItems: number;
  maxBacklog: number;
}): GroupCommit<Item, Result> {
  const lanes = new Map<string, PendingRequest<Item, Result>[]>();
  const running = new Set<Promise<void>>();
  const backlogs = new Map<string, number>();
  let backlog = 0;

  /**
   * A key may use as much of the backlog as it leaves free: one key gets half of it, each of two a third, and so on, so
   * that there is always room for another key.
   */
  function hasRoom(key: string, count: number) {
    const free = options.maxBacklog - backlog;
    const own = backlogs.get(key) ?? 0;
    return count <= free && (own === 0 || own + count <= free);
  }

  function reserve(key: string, count: number) {
    const rest = (backlogs.get(key) ?? 0) + count;
    backlog += count;
    if (rest === 0) backlogs.delete(key);
    else backlogs.set(key, rest);
  }

  function submit(key: string, items: Item[]): Promise<Result[]> {
    if (items.length === 0) return Promise.resolve([]);
    if (!hasRoom(key, items.length)) return Promise.reject(new Overloaded());
    reserve(key, items.length);
    const { promise, resolve, reject } = Promise.withResolvers<Result[]>();
    enter(key, { items, resolve, reject });
    return promise.finally(() => reserve(key, -items.length));
  }

  function enter(key: string, request: PendingRequest<Item, Result>) {
    const lane = lanes.get(key);
    if (lane) {
      lane.push(request);
      return;
    }
    lanes.set(key, [request]);
    const run = drain(key).finally(() => running.delete(run));
    running.add(run);
  }

  /** Commits the requests of one lane until it is empty, one transaction at a time. */
  async function drain(key: string) {
    await new Promise((resolve) => setTimeout(resolve, options.gatherMs));
    for (;;) {
      const lane = lanes.get(key) ?? [];
      const group = takeGroup(lane);
      if (group.length === 0) break;
      await commitGroup(key, group);
    }
    lanes.delete(key);
  }

  function takeGroup(lane: PendingRequest<Item, Result>[]) {
    let count = 0;
    const end = lane.findIndex(({ items }, index) => {
      count += items.length;
      return index > 0 && count > options.maxItems;
    });
    return lane.splice(0, end === -1 ? lane.length : end);
  }

  async function commitGroup(key: string, group: PendingRequest<Item, Result>[]) {
    try {
      const results = await options.commit(
        key,
        group.flatMap(({ items }) => items),
      );
      for (const { items, resolve } of group) resolve(results.splice(0, items.length));
    } catch (error) {
      if (group.length === 1 || error instanceof StorageUnavailable) {
        for (const { reject } of group) reject(error);
        return;
      }
      for (const request of group) await commitGroup(key, [request]);
    }
  }

  return {
    submit,
    backlog: () => backlog,
    idle: async () => {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}
