import type { ExecutionResult } from 'graphql';
import { cursorOf, type ResultReader } from './result-reader.ts';

/** What ends a stream besides its source, and its heartbeat. */
export interface DeliveryOptions {
  /** Aborts when the client disconnects. */
  signal?: AbortSignal | undefined;
  /** A heartbeat with only the cursor is delivered first, and after this time without a delivery. */
  heartbeatMs?: number | undefined;
  /** Calls back when the key is revoked. Returns a function that deregisters. */
  onRevoked(close: () => void): () => void;
}

/**
 * Produces the results of a subscription as they are pulled. Its resources are released once, whether the client, the
 * key or the source ends it. Between two pulls it has no timer.
 */
export function createDeliveries(
  reader: ResultReader,
  { signal, heartbeatMs, onRevoked }: DeliveryOptions,
): AsyncIterableIterator<ExecutionResult> {
  const results: ExecutionResult[] = [];
  let last: string | undefined;
  let hasBegun = heartbeatMs === undefined;
  let isOver = false;

  const end = () => {
    if (isOver) return;
    isOver = true;
    deregister();
    signal?.removeEventListener('abort', end);
    reader.stop();
  };
  const deregister = onRevoked(end);
  signal?.addEventListener('abort', end);
  if (signal?.aborted) end();

  const heartbeat = (): ExecutionResult => ({ extensions: { cursor: reader.examined() ?? last } });

  /** Undefined at the end. */
  async function nextResult(): Promise<ExecutionResult | undefined> {
    if (!hasBegun) {
      hasBegun = true;
      return heartbeat();
    }
    if (isOver) return undefined;
    const read = await reader.read(heartbeatMs);
    if (!read) return undefined;
    if (read.length === 0) return heartbeat();
    results.push(...read);
    return results.shift();
  }

  async function next(): Promise<IteratorResult<ExecutionResult>> {
    try {
      const value = results.shift() ?? (await nextResult());
      if (value && !isOver) {
        last = cursorOf(value) ?? last;
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
