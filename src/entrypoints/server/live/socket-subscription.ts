import type { Delivery } from './delivery.ts';
import { framePrefix } from './frames.ts';
import type { Member } from './group-view.ts';
import type { LiveStream } from './live-stream.ts';
import type { Outlet } from './operation-context.ts';
import type { FrameSource, SocketOutlet } from './socket-outlet.ts';

type Step = IteratorResult<never, undefined>;

/**
 * One subscription of a socket. It writes to the socket itself, so that as an iterator, as which graphql-ws knows it,
 * it only ends. A class, because a server has many thousands of them.
 */
export class SocketSubscription implements Outlet, FrameSource, AsyncIterableIterator<never> {
  readonly prefix: string;
  readonly #socket: SocketOutlet;
  #member: Member | undefined;
  #ending: PromiseWithResolvers<Step> | undefined;
  #isOver = false;
  #release: (() => void) | undefined;
  #stream: LiveStream | undefined;

  constructor(socket: SocketOutlet, id: string) {
    this.prefix = framePrefix(id);
    this.#socket = socket;
  }

  hasStarted() {
    return this.#ending !== undefined;
  }

  start(stream: LiveStream) {
    this.#stream = stream;
    this.#ending = Promise.withResolvers();
    // Awaited by graphql-ws, unless the client has left before.
    this.#ending.promise.catch(() => undefined);
    // The client has left while the stream was opened.
    if (this.#isOver) return this.#finish();
    this.#deliver(stream).catch((error) => this.end(error));
  }

  whenEnded(release: () => void) {
    if (this.#isOver) release();
    else this.#release = release;
  }

  take(maxBytes: number): readonly Delivery[] {
    try {
      return this.#member?.take(maxBytes) ?? [];
    } catch (error) {
      this.end(error as Error);
      return [];
    }
  }

  end(error?: Error) {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.remove(this);
    const cursor = error && (this.#member?.examined() ?? this.#stream?.cursor);
    this.#member?.leave();
    this.#release?.();
    this.#finish(error && this.#stream?.toClientError(error, cursor));
  }

  next(): Promise<Step> {
    return this.#ending?.promise ?? Promise.resolve({ done: true, value: undefined });
  }

  async return(): Promise<Step> {
    this.end();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<Step> {
    this.end();
    throw error;
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  /** Counts the end and ends the iterator, if the stream was opened. */
  #finish(error?: Error) {
    this.#stream?.onEnd(error ? 'ERROR' : this.#socket.endReason());
    if (error) this.#ending?.reject(error);
    else this.#ending?.resolve({ done: true, value: undefined });
  }

  async #deliver(stream: LiveStream) {
    const first = await stream.first();
    if (this.#isOver) return;
    this.#socket.writeNow(this, first);
    if (!stream.join) return this.end();
    const wake = () => this.#socket.wake(this);
    this.#member = stream.join(wake);
    wake();
  }
}
