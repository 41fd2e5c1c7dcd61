import type { Limits } from '../../access/limits.ts';
import type { SocketSubscription } from './live/socket-subscription.ts';

interface Running {
  id: string;
  subscription: SocketSubscription;
  /** Undefined once a subscription has started, which ends without it. */
  ending: AbortController | undefined;
}

/**
 * Tracks the operations of one WebSocket, limits their rate and aborts those that the client ends. The payload
 * identifies an operation: a client may reuse an id while the previous operation is still ending. A class, because a
 * server has many thousands of sockets.
 */
export class SocketOperations {
  readonly #limits: Pick<Limits, 'countOperation'>;
  readonly #socketId = crypto.randomUUID();
  readonly #running = new Map<object, Running>();

  constructor(limits: Pick<Limits, 'countOperation'>) {
    this.#limits = limits;
  }

  /** @throws RateLimited when the socket starts too many */
  begin(payload: object, id: string, subscription: SocketSubscription): AbortSignal {
    this.#limits.countOperation(this.#socketId);
    const ending = new AbortController();
    this.#running.set(payload, { id, subscription, ending });
    return ending.signal;
  }

  /** The operation's start is over: what is left of a subscription ends without the signal. */
  onStarted(payload: object) {
    const running = this.#running.get(payload);
    if (running?.subscription.hasStarted()) running.ending = undefined;
  }

  end(payload: object) {
    const running = this.#running.get(payload);
    if (!running) return;
    this.#running.delete(payload);
    running.ending?.abort();
    running.subscription.end();
  }

  /** Ends the latest operation with this id. */
  complete(id: string) {
    const latest = [...this.#running].findLast(([, running]) => running.id === id);
    if (latest) this.end(latest[0]);
  }

  endAll() {
    for (const payload of this.#running.keys()) this.end(payload);
  }
}
