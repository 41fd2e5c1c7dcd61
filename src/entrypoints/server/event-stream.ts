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

/** Takes encoded events, of any number in one frame. */
export interface FrameSink {
  /** Resolves when the client has accepted what was written before, or when the signal aborts. */
  waitUntilWritable(signal: AbortSignal): Promise<void>;
  write(frame: string): void;
}

/** An event stream that carries many operations: first reserved, then open, then ended. Decision 0038. */
export interface EventStream extends FrameSink {
  readonly token: string;
  readonly principal: Principal;
  readonly operations: StreamOperations;
  isOpen(): boolean;
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

  const isWritable = () => response !== undefined && !response.writableNeedDrain;

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
      timer = setInterval(() => isWritable() && opened.write(heartbeat), heartbeatMs);
      onOpen();
      wake();
    },
    async waitUntilWritable(signal) {
      while (!isWritable() && !signal.aborted) await waitForWake(signal);
    },
    write(frame) {
      if (!isOver) response?.write(frame);
    },
    end,
  };
}
