import type { WebSocket } from 'ws';

/** Pings sockets, and terminates those that do not answer. */
export interface KeepAlive {
  /** Until the socket is closed. */
  watch(socket: WebSocket): void;
  stop(): void;
}

/** A dead socket is terminated within two of them. */
const pingMs = 12_000;
/** Sockets are pinged in so many parts, so that their answers do not arrive all at once. */
const parts = 24;

/** One timer for all sockets. */
export function createKeepAlive(): KeepAlive {
  const unanswered = new WeakSet<WebSocket>();
  const groups = Array.from({ length: parts }, () => new Set<WebSocket>());
  let next = 0;
  let watched = 0;

  function onPong(this: WebSocket) {
    unanswered.delete(this);
  }

  function ping(socket: WebSocket) {
    // The server does not read from a paused socket, so it cannot receive the pong; a client that has not accepted what
    // was sent before has not seen the ping. How long that may last is the limit of outgoing bytes.
    if (socket.isPaused || socket.bufferedAmount > 0) return unanswered.delete(socket);
    if (unanswered.has(socket)) return socket.terminate();
    unanswered.add(socket);
    if (socket.readyState === socket.OPEN) socket.ping();
  }

  const timer = setInterval(() => {
    for (const socket of groups[next] ?? []) ping(socket);
    next = (next + 1) % parts;
  }, pingMs / parts).unref();

  return {
    watch(socket) {
      const group = groups[watched % parts];
      watched += 1;
      group?.add(socket);
      socket.on('pong', onPong);
      socket.once('close', () => group?.delete(socket));
    },
    stop: () => clearInterval(timer),
  };
}
