import type { ServerResponse } from 'node:http';
import type { Principal } from '../../access/principal.ts';
import { DomainError } from '../../platform/errors.ts';
import { createStreamOperations, type StreamOperations } from './stream-operations.ts';

const heartbeatMs = 12_000;
const heartbeat = ':\n\n';

class StreamAlreadyOpen extends DomainError {
  readonly code = 'STREAM_ALREADY_OPEN';
  override readonly status = 409;

  constructor() {
    super('The event stream of this token is already open. Reserve another one with PUT.');
  }
}

/** Takes encoded events, any number in one frame. */
export interface FrameSink {
  /**
   * Waits until the client has accepted what was written before, then writes. Writes nothing if the signal aborts
   * before. The frame is encoded when it is written, so that what waits is not kept as text.
   */
  write(encode: () => string, signal: AbortSignal): Promise<void>;
}

/** An event stream that carries many operations: first reserved, then open, then ended. Decision 0038. */
export interface EventStream extends FrameSink {
  readonly token: string;
  readonly principal: Principal;
  readonly operations: StreamOperations;
  isOpen(): boolean;
  /** Whether the client has not accepted what was written. */
  isBlocked(): boolean;
  /** Resolves when the stream is not blocked, or when the signal aborts. */
  waitWhileBlocked(signal: AbortSignal): Promise<void>;
  /** Begins the response. The stream ends with it. @throws StreamAlreadyOpen */
  open(response: ServerResponse): void;
  /** Ends the operations and the response, without `complete` events: the client reconnects. */
  end(): void;
}

export function createEventStream(
  token: string,
  principal: Principal,
  { onOpen, onEnd }: { onOpen(): void; onEnd(): void },
): EventStream {
  const operations = createStreamOperations();
  const waiting = new Set<() => void>();
  let response: ServerResponse | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;

  const isBlocked = () => response?.writableNeedDrain === true;

  function wake() {
    for (const resume of [...waiting]) resume();
  }

  const waitForWake = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const resume = () => {
        waiting.delete(resume);
        signal.removeEventListener('abort', resume);
        resolve();
      };
      waiting.add(resume);
      signal.addEventListener('abort', resume);
    });

  function end() {
    if (isOver) return;
    isOver = true;
    clearInterval(timer);
    operations.endAll();
    response?.end();
    onEnd();
  }

  return {
    token,
    principal,
    operations,
    isOpen: () => response !== undefined,
    open(opened) {
      if (response) throw new StreamAlreadyOpen();
      response = opened;
      opened.once('close', end).on('drain', wake);
      opened.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      });
      // Some browsers report an open stream only after its first bytes.
      opened.write(heartbeat);
      // A client that does not read is not sent heartbeats: they would accumulate.
      timer = setInterval(() => isBlocked() || opened.write(heartbeat), heartbeatMs);
      onOpen();
      wake();
    },
    isBlocked,
    async waitWhileBlocked(signal) {
      while (isBlocked() && !signal.aborted) await waitForWake(signal);
    },
    async write(encode, signal) {
      // Checked right before the write: all that wait are woken together.
      while ((!response || isBlocked()) && !signal.aborted) await waitForWake(signal);
      if (!signal.aborted) response?.write(encode());
    },
    end,
  };
}
