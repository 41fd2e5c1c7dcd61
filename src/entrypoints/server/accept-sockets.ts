import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { answerRaw, type RawAnswer } from './raw-answer.ts';

/** Sockets beyond the cap on which probes are answered, and nothing else. */
const reservedSockets = 32;
const probeMs = 5_000;
const evictMs = 100;

export const overloaded: RawAnswer = {
  status: 503,
  code: 'OVERLOADED',
  message: 'The server holds as many connections as it can. Try again shortly.',
  headers: { 'retry-after': '5' },
};

/**
 * Takes connections up to a cap. Near it, idle keep-alive connections are closed; beyond it a few sockets
 * are kept for probes, and the rest are refused before a byte is parsed.
 */
export function acceptSockets(
  server: Server,
  { maxSockets, onSocket }: { maxSockets: number; onSocket: (socket: Socket) => void },
) {
  const probes = new WeakSet<Socket>();
  const [serve] = server.listeners('connection') as Array<(socket: Socket) => void>;
  let open = 0;
  let evictedAt = Number.NEGATIVE_INFINITY;

  function evictIdle() {
    if (open < maxSockets * 0.9 || performance.now() - evictedAt < evictMs) return;
    evictedAt = performance.now();
    server.closeIdleConnections();
  }

  function reserve(socket: Socket) {
    probes.add(socket);
    const cut = setTimeout(() => socket.destroy(), probeMs).unref();
    socket.once('close', () => clearTimeout(cut));
  }

  // In place of Node's own listener, which sets up a parser at once.
  server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    // Whatever happens to the connection later, it is no fault of the server.
    socket.on('error', () => undefined);
    evictIdle();
    if (open >= maxSockets + reservedSockets) return answerRaw(socket, overloaded);
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
    if (open > maxSockets) reserve(socket);
    onSocket(socket);
    serve?.call(server, socket);
  });

  /** Whether the socket is beyond the cap: only probes are answered on it. */
  return { isForProbes: (socket: Socket): boolean => probes.has(socket) };
}
