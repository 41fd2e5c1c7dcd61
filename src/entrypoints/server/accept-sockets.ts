import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type RawResponse, sendRawResponse } from './raw-response.ts';

/** Sockets beyond the maximum, on which only health probes are answered. */
const reservedSockets = 32;
const probeTimeoutMs = 5_000;
const evictionIntervalMs = 100;

export const overloaded: RawResponse = {
  status: 503,
  code: 'OVERLOADED',
  message: 'The server has reached its maximum of connections. Try again shortly.',
  headers: { 'retry-after': '5' },
};

/**
 * Accepts connections up to a maximum. Near it, idle keep-alive connections are closed; beyond it, a few sockets
 * are reserved for probes, and the rest are refused before a byte is parsed.
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
    if (open < maxSockets * 0.9 || performance.now() - evictedAt < evictionIntervalMs) return;
    evictedAt = performance.now();
    server.closeIdleConnections();
  }

  function reserveForProbes(socket: Socket) {
    probes.add(socket);
    const cut = setTimeout(() => socket.destroy(), probeTimeoutMs).unref();
    socket.once('close', () => clearTimeout(cut));
  }

  // Replaces Node's own listener, which creates a parser immediately.
  server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    // Connection errors are not server errors.
    socket.on('error', () => undefined);
    evictIdle();
    if (open >= maxSockets + reservedSockets) return sendRawResponse(socket, overloaded);
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
    if (open > maxSockets) reserveForProbes(socket);
    onSocket(socket);
    serve?.call(server, socket);
  });

  /** Whether the socket is reserved for probes. */
  return { isForProbes: (socket: Socket): boolean => probes.has(socket) };
}
