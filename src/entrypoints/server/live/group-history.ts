import type { LogPage } from '../../../engine/changes/log-page.ts';
import type { Delivery } from './delivery.ts';
import { sumBytes } from './kept-deliveries.ts';

/** A page of the log as a group is delivered it. */
export interface Past {
  after: bigint;
  upTo: bigint;
  deliveries: readonly Delivery[];
}

/** A member that is behind. */
export interface Waiter {
  wake(): void;
}

/** What a group no longer keeps, executed again for members that are behind: once for all of them. */
export interface GroupHistory {
  /** The page that follows the position; while it is not loaded undefined, and the waiter is woken when it is. */
  after(position: bigint, waiter: Waiter): Past | undefined;
  /** Does not wake it any more. */
  forget(waiter: Waiter): void;
}

const maxPages = 16;
const maxBytes = 8 * 1024 * 1024;
/** Members that are sure to be delivered the page that they waited for, even if many others were loaded meanwhile. */
const maxReserved = 64;
/** The pages are dropped after this time without a read. */
const idleMs = 5_000;

export function createGroupHistory(options: {
  pageAfter(position: bigint): Promise<LogPage>;
  deliver(page: LogPage): Promise<readonly Delivery[]>;
  onFailure(error: unknown): void;
}): GroupHistory {
  const { pageAfter, deliver, onFailure } = options;
  /** The page used last is the last one. */
  const loaded = new Map<LogPage, Past>();
  const loading = new Map<LogPage, Promise<void>>();
  const waiting = new Map<bigint, Set<Waiter>>();
  const reserved = new Map<Waiter, Past>();
  let idle: NodeJS.Timeout | undefined;

  async function execute(page: LogPage) {
    const { after, upTo } = page;
    loaded.set(page, { after, upTo, deliveries: await deliver(page) });
    evict();
  }

  function evict() {
    const pages = [...loaded];
    let bytes = pages.reduce((sum, [, { deliveries }]) => sum + sumBytes(deliveries), 0);
    // The last one is what members wait for.
    for (const [page, { deliveries }] of pages.slice(0, -1)) {
      if (loaded.size <= maxPages && bytes <= maxBytes) return;
      loaded.delete(page);
      bytes -= sumBytes(deliveries);
    }
  }

  async function load(position: bigint) {
    const page = await pageAfter(position);
    if (loaded.has(page)) return;
    const execution = loading.get(page) ?? execute(page).finally(() => loading.delete(page));
    loading.set(page, execution);
    await execution;
  }

  async function loadAndWake(position: bigint) {
    await load(position).catch(onFailure);
    const waiters = waiting.get(position) ?? [];
    waiting.delete(position);
    const past = find(position, loaded.values());
    for (const waiter of waiters) {
      if (past && reserved.size < maxReserved) reserved.set(waiter, past);
      waiter.wake();
    }
    clearTimeout(idle);
    idle = setTimeout(clear, idleMs).unref();
  }

  function clear() {
    loaded.clear();
    reserved.clear();
  }

  function take(position: bigint, waiter: Waiter): Past | undefined {
    const own = reserved.get(waiter);
    reserved.delete(waiter);
    return find(position, own ? [own] : []) ?? find(position, loaded.values());
  }

  return {
    after(position, waiter) {
      const found = take(position, waiter);
      if (found) return found;
      const waiters = waiting.get(position);
      if (waiters) waiters.add(waiter);
      else {
        waiting.set(position, new Set([waiter]));
        void loadAndWake(position);
      }
      return undefined;
    },
    forget(waiter) {
      reserved.delete(waiter);
      for (const waiters of waiting.values()) waiters.delete(waiter);
    },
  };
}

function find(position: bigint, pages: Iterable<Past>): Past | undefined {
  for (const past of pages) {
    if (past.after <= position && position < past.upTo) return past;
  }
  return undefined;
}
