import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Delivery } from './delivery.ts';
import type { Flusher } from './flusher.ts';
import { createFrameWriter, type Frame, type FrameWriter } from './frames.ts';
import type { EndReason } from './live-counts.ts';

/** A subscription as its socket writes it. */
export interface FrameSource {
  /** The beginning of its frames. */
  readonly prefix: string;
  /** The next deliveries; none at the moment. */
  take(maxBytes: number): readonly Delivery[];
}

/** What all sockets of a server share. */
export interface SocketServices {
  flusher: Flusher;
  /** Bytes of one write at present; a client that does not read costs at most this much more. */
  writeBytes(): number;
  /** Called with the oldest delivery of a write. */
  onWritten(delivery: Delivery): void;
}

/**
 * Gathers the frames of all subscriptions of a socket into one write. Nothing is written while the client has not
 * read what was written before: its subscriptions only keep their positions. A class, because a server has many
 * thousands of sockets.
 */
export class SocketOutlet {
  readonly #socket: WebSocket;
  readonly #connection: Socket;
  readonly #shared: SocketServices;
  readonly #write: FrameWriter;
  /** The subscriptions that may have something to write. */
  readonly #ready = new Set<FrameSource>();
  #isQueued = false;
  #isDraining = false;
  #endReason: EndReason = 'CLIENT';

  constructor(socket: WebSocket, connection: Socket, shared: SocketServices) {
    this.#socket = socket;
    this.#connection = connection;
    this.#shared = shared;
    this.#write = createFrameWriter(socket);
  }

  /** Closes the socket; clients resume elsewhere, or not at all, depending on the code. */
  close(reason: EndReason, code: number, message: string) {
    this.#endReason = reason;
    this.#socket.close(code, message);
  }

  /** Why its subscriptions end. */
  endReason() {
    return this.#endReason;
  }

  /** Writes what the subscription is delivered, at the next flush. */
  wake(subscription: FrameSource) {
    this.#ready.add(subscription);
    this.#queue();
  }

  remove(subscription: FrameSource) {
    this.#ready.delete(subscription);
  }

  writeNow({ prefix }: FrameSource, deliveries: readonly Delivery[]) {
    if (this.#isOpen()) this.#writeFrames(deliveries.map((delivery) => ({ prefix, delivery })));
  }

  /** Called by the flusher. */
  flush() {
    this.#isQueued = false;
    // A key that was revoked has closed its sockets: nothing leaves after that.
    if (!this.#isOpen()) return;
    if (!this.#connection.writableNeedDrain) this.#writeFrames(this.#takeFrames());
    if (this.#connection.writableNeedDrain) this.#waitForDrain();
    else if (this.#ready.size > 0) this.#queue();
  }

  #isOpen() {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  #queue() {
    if (this.#isQueued || this.#isDraining) return;
    this.#isQueued = true;
    this.#shared.flusher.add(this);
  }

  #waitForDrain() {
    this.#isDraining = true;
    this.#connection.once('drain', () => {
      this.#isDraining = false;
      if (this.#ready.size > 0) this.#queue();
    });
  }

  #writeFrames(frames: readonly Frame[]) {
    const [first] = frames;
    if (!first) return;
    this.#write(this.#socket, this.#connection, frames);
    this.#shared.onWritten(first.delivery);
  }

  /** Takes what fits; a subscription that has no more is no longer ready. */
  #takeFrames(): Frame[] {
    const frames: Frame[] = [];
    const maxBytes = this.#shared.writeBytes();
    let bytes = 0;
    for (const subscription of this.#ready) {
      while (bytes < maxBytes) {
        const deliveries = subscription.take(maxBytes - bytes);
        if (deliveries.length === 0) {
          this.#ready.delete(subscription);
          break;
        }
        for (const delivery of deliveries) {
          bytes += delivery.payload.length + subscription.prefix.length;
          frames.push({ prefix: subscription.prefix, delivery });
        }
      }
    }
    return frames;
  }
}
