import type { LogPage } from '../../../engine/changes/log-page.ts';
import type { Delivery } from './delivery.ts';

/** A page of the log as a group is delivered it. */
export interface Past {
  after: bigint;
  upTo: bigint;
  deliveries: readonly Delivery[];
}

/** What a group no longer keeps, executed again for members that are behind: once for all of them. */
export interface GroupHistory {
  /** The page that follows the position; while it is not loaded undefined, and `wake` is called when it is. */
  after(position: bigint, wake: () => void): Past | undefined;
  /** Does not call `wake` any more. */
  forget(wake: () => void): void;
}

const maxPages = 16;
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
  const waiting = new Map<bigint, Set<() => void>>();
  const reserved = new Map<() => void, Past>();
  let idle: NodeJS.Timeout | undefined;

  async function execute(page: LogPage) {
    const { after, upTo } = page;
    loaded.set(page, { after, upTo, deliveries: await deliver(page) });
    const [oldest] = loaded.keys();
    if (loaded.size > maxPages && oldest) loaded.delete(oldest);
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
    const wakes = waiting.get(position) ?? [];
    waiting.delete(position);
    const past = find(position, loaded.values());
    for (const wake of wakes) {
      if (past && reserved.size < maxReserved) reserved.set(wake, past);
      wake();
    }
    clearTimeout(idle);
    idle = setTimeout(clear, idleMs).unref();
  }

  function clear() {
    loaded.clear();
    reserved.clear();
  }

  function take(position: bigint, wake: () => void): Past | undefined {
    const own = reserved.get(wake);
    reserved.delete(wake);
    return find(position, own ? [own] : []) ?? find(position, loaded.values());
  }

  return {
    after(position, wake) {
      const found = take(position, wake);
      if (found) return found;
      const wakes = waiting.get(position);
      if (wakes) wakes.add(wake);
      else {
        waiting.set(position, new Set([wake]));
        void loadAndWake(position);
      }
      return undefined;
    },
    forget(wake) {
      reserved.delete(wake);
      for (const wakes of waiting.values()) wakes.delete(wake);
    },
  };
}

function find(position: bigint, pages: Iterable<Past>): Past | undefined {
  for (const past of pages) {
    if (past.after <= position && position < past.upTo) return past;
  }
  return undefined;
}
