import { setTimeout } from 'node:timers/promises';
import type { ExecutionResult } from 'graphql';
import type { Following } from '../../engine/changes/hub.ts';
import { readAhead } from './read-ahead.ts';

const retryMs = 500;
const maxTogether = 64;

/** Who a stream is for, and what ends it besides its source. */
export interface Listener {
  /** Aborts when the client is gone. */
  signal?: AbortSignal | undefined;
  /** After this long without a delivery comes one with nothing but the cursor; a first one comes at once. */
  heartbeatMs?: number | undefined;
  /** Calls back when the key is revoked; answers how to deregister. */
  onRevoked(close: () => void): () => void;
}

/** Executes events; undefined when that has to be tried again. */
type Execute = (events: readonly unknown[]) => Promise<ExecutionResult[] | undefined>;

/**
 * The results of a subscription, made as they are pulled. Whatever ends it first, the client, the key or the
 * source, everything it holds is given back once; between two pulls it holds no timer.
 */
export function createDeliveries(
  source: Following<unknown>,
  execute: Execute,
  { signal, heartbeatMs, onRevoked }: Listener,
): AsyncIterableIterator<ExecutionResult> {
  const ahead = readAhead(source, maxTogether);
  const made: ExecutionResult[] = [];
  let taken: readonly unknown[] = [];
  let last: unknown;
  let hasBegun = heartbeatMs === undefined;
  let isOver = false;

  const end = () => {
    if (isOver) return;
    isOver = true;
    deregister();
    signal?.removeEventListener('abort', end);
    ahead.stop();
    // It may be waiting for the database, so it is not awaited.
    source.return?.().catch(() => undefined);
  };
  const deregister = onRevoked(end);
  signal?.addEventListener('abort', end);
  if (signal?.aborted) end();

  /** What was taken and not delivered yet lies before what was examined. */
  function heartbeat(): ExecutionResult {
    const cursor = (taken.length === 0 ? source.examined() : undefined) ?? last;
    return { extensions: { cursor } };
  }

  /** Undefined at the end. */
  async function make(): Promise<ExecutionResult | undefined> {
    if (!hasBegun) {
      hasBegun = true;
      return heartbeat();
    }
    const due = heartbeatMs === undefined ? undefined : performance.now() + heartbeatMs;
    while (!isOver) {
      if (taken.length === 0) taken = await take(due && Math.max(0, due - performance.now()));
      if (taken.length > 0 && (await executeTaken())) return made.shift();
      if (due && performance.now() >= due) return heartbeat();
    }
    return undefined;
  }

  async function take(maxMs: number | undefined): Promise<readonly unknown[]> {
    const events = await ahead.take(maxMs);
    if (!events) end();
    return events ?? [];
  }

  async function executeTaken(): Promise<boolean> {
    const results = await execute(taken);
    if (results) {
      taken = [];
      made.push(...results);
    } else await setTimeout(retryMs);
    return results !== undefined;
  }

  async function next(): Promise<IteratorResult<ExecutionResult>> {
    try {
      const value = made.shift() ?? (await make());
      if (value && !isOver) {
        last = value.extensions?.['cursor'] ?? last;
        return { done: false, value };
      }
    } catch (error) {
      if (!isOver) {
        end();
        throw error;
      }
    }
    end();
    return { done: true, value: undefined };
  }

  async function stop(): Promise<IteratorResult<ExecutionResult>> {
    end();
    return { done: true, value: undefined };
  }

  return {
    next,
    return: stop,
    async throw(error) {
      end();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
