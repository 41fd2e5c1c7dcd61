import { StreamResult } from './delivery.ts';
import type { Member } from './group-view.ts';
import type { EndReason } from './live-counts.ts';
import type { LiveStream } from './live-stream.ts';

/** How a stream is delivered, and what ends it besides its source. */
export interface DeliveryOptions {
  /** Aborts when the client disconnects. */
  signal?: AbortSignal | undefined;
  /** A heartbeat with only the cursor is delivered first, and after this time without a delivery. */
  heartbeatMs?: number | undefined;
  /** Calls back when the server ends, with an error, and when the key is revoked. Returns a function that deregisters. */
  onEnd(end: (reason: EndReason, error?: Error) => void): () => void;
}

/** Bytes that a pulled stream holds for a client that does not read. */
const maxTakenBytes = 64 * 1024;

/**
 * Delivers a stream as it is pulled. Its resources are released once, whether the client, the key or the server ends
 * it.
 */
export function createDeliveries(
  stream: LiveStream,
  { signal, heartbeatMs, onEnd }: DeliveryOptions,
): AsyncIterableIterator<StreamResult> {
  const ready: StreamResult[] = [];
  let cursor = stream.cursor;
  let hasBegun = heartbeatMs === undefined;
  let hasDeliveredFirst = false;
  let isOver = false;
  let failure: Error | undefined;
  let member: Member | undefined;
  let wake: () => void = () => undefined;

  function end(reason: EndReason, error?: Error) {
    if (isOver) return;
    stream.onEnd(reason);
    isOver = true;
    failure = error;
    deregister();
    signal?.removeEventListener('abort', onAbort);
    member?.leave();
    wake();
  }
  const onAbort = () => end('CLIENT');
  const deregister = onEnd(end);
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) end('CLIENT');

  const heartbeat = () => new StreamResult(undefined, member?.examined() ?? cursor);

  /** Resolves when there may be more, at the end, or after `maxMs`. */
  const waitForMore = (maxMs: number | undefined) =>
    new Promise<void>((resolve) => {
      const timer = maxMs === undefined ? undefined : setTimeout(resolve, maxMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  async function readFirst() {
    hasDeliveredFirst = true;
    const first = await stream.first();
    if (isOver) return;
    for (const delivery of first) ready.push(new StreamResult(delivery));
  }

  async function readChanges(join: (wake: () => void) => Member) {
    member ??= join(() => wake());
    const began = performance.now();
    for (;;) {
      const taken = member.take(maxTakenBytes);
      for (const delivery of taken) ready.push(new StreamResult(delivery));
      const remaining = heartbeatMs && heartbeatMs - (performance.now() - began);
      if (taken.length > 0 || isOver) return;
      if (remaining !== undefined && remaining <= 0) return void ready.push(heartbeat());
      await waitForMore(remaining);
    }
  }

  async function read() {
    if (!hasBegun) {
      hasBegun = true;
      ready.push(heartbeat());
    } else if (!hasDeliveredFirst) await readFirst();
    else if (!stream.join) end('CLIENT');
    else await readChanges(stream.join);
  }

  async function next(): Promise<IteratorResult<StreamResult>> {
    while (ready.length === 0 && !isOver) {
      try {
        await read();
      } catch (error) {
        end('ERROR', error as Error);
      }
    }
    const value = ready.shift();
    if (value && !isOver) {
      cursor = value.extensions.cursor ?? cursor;
      return { done: false, value };
    }
    const error = failure;
    failure = undefined;
    if (error) throw error;
    return { done: true, value: undefined };
  }

  async function stop(): Promise<IteratorResult<StreamResult>> {
    end('CLIENT');
    return { done: true, value: undefined };
  }

  return {
    next,
    return: stop,
    async throw(error) {
      end('CLIENT');
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
