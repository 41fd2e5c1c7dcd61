import { setTimeout } from 'node:timers/promises';
import type { ExecutionResult } from 'graphql';
import type { ChangeStream } from '../../engine/changes/hub.ts';
import { readAhead } from './read-ahead.ts';

const retryMs = 500;
const batchSize = 64;

/** What ends a stream besides its source, and its heartbeat. */
export interface DeliveryOptions {
  /** Aborts when the client disconnects. */
  signal?: AbortSignal | undefined;
  /** A heartbeat with only the cursor is delivered first, and after this time without a delivery. */
  heartbeatMs?: number | undefined;
  /** Calls back when the key is revoked. Returns a function that deregisters. */
  onRevoked(close: () => void): () => void;
}

/** Executes events; undefined when the attempt must be repeated. */
type Execute = (events: readonly unknown[]) => Promise<ExecutionResult[] | undefined>;

/**
 * Produces the results of a subscription as they are pulled. Its resources are released once, whether the client, the
 * key or the source ends it. Between two pulls it has no timer.
 */
export function createDeliveries(
  source: ChangeStream<unknown>,
  execute: Execute,
  { signal, heartbeatMs, onRevoked }: DeliveryOptions,
): AsyncIterableIterator<ExecutionResult> {
  const reader = readAhead(source, batchSize);
  const results: ExecutionResult[] = [];
  let pending: readonly unknown[] = [];
  let last: unknown;
  let hasBegun = heartbeatMs === undefined;
  let isOver = false;

  const end = () => {
    if (isOver) return;
    isOver = true;
    deregister();
    signal?.removeEventListener('abort', end);
    reader.stop();
    // Not awaited, because it may be waiting for the database.
    source.return?.().catch(() => undefined);
  };
  const deregister = onRevoked(end);
  signal?.addEventListener('abort', end);
  if (signal?.aborted) end();

  /** Pending events are older than the examined position, so that position is used only without any. */
  function heartbeat(): ExecutionResult {
    const cursor = (pending.length === 0 ? source.examined() : undefined) ?? last;
    return { extensions: { cursor } };
  }

  /** Undefined at the end. */
  async function nextResult(): Promise<ExecutionResult | undefined> {
    if (!hasBegun) {
      hasBegun = true;
      return heartbeat();
    }
    const due = heartbeatMs === undefined ? undefined : performance.now() + heartbeatMs;
    while (!isOver) {
      if (pending.length === 0) pending = await read(due && Math.max(0, due - performance.now()));
      if (pending.length > 0 && (await executePending())) return results.shift();
      if (due && performance.now() >= due) return heartbeat();
    }
    return undefined;
  }

  async function read(maxMs: number | undefined): Promise<readonly unknown[]> {
    const events = await reader.read(maxMs);
    if (!events) end();
    return events ?? [];
  }

  async function executePending(): Promise<boolean> {
    const executed = await execute(pending);
    if (executed) {
      pending = [];
      results.push(...executed);
    } else await setTimeout(retryMs);
    return executed !== undefined;
  }

  async function next(): Promise<IteratorResult<ExecutionResult>> {
    try {
      const value = results.shift() ?? (await nextResult());
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
