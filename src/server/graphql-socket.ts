import { CloseCode, type Server } from 'graphql-ws';
import type { WebSocket } from 'ws';

const keepAliveMs = 12_000;
/** What a close frame has room for. */
const maxReasonBytes = 123;

/**
 * Speaks graphql-transport-ws on one WebSocket. Unlike the adapter that comes with graphql-ws it treats a
 * client that leaves as no error, and does not take one that is slowed down for dead.
 */
export function serveSocket<Extra extends { socket: WebSocket }>(
  protocol: Server<Extra>,
  extra: Extra,
  onFailure: (error: unknown) => void,
): void {
  const { socket } = extra;
  const isOpen = () => socket.readyState === socket.OPEN;
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      send: (text) =>
        new Promise((resolve) => {
          if (isOpen()) socket.send(text, () => resolve());
          else resolve();
        }),
      close: (code, reason) => socket.close(code, limitReason(reason)),
      onMessage: (handle) =>
        socket.on('message', (data) => {
          if (!isOpen()) return;
          handle(String(data)).catch((error) => {
            onFailure(error);
            socket.close(CloseCode.InternalServerError, 'Internal server error');
          });
        }),
    },
    extra,
  );
  const stopKeepAlive = keepAlive(socket);
  socket.once('close', (code, reason) => {
    stopKeepAlive();
    closed(code, String(reason)).catch(onFailure);
  });
}

/** Terminates a socket that does not answer a ping within 12 s. */
function keepAlive(socket: WebSocket): () => void {
  let hasAnswered = true;
  socket.on('pong', () => {
    hasAnswered = true;
  });
  const timer = setInterval(() => {
    if (socket.isPaused) {
      // The server does not read from it, so it cannot see the answer.
      hasAnswered = true;
      return;
    }
    if (!hasAnswered) return socket.terminate();
    hasAnswered = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, keepAliveMs);
  return () => clearInterval(timer);
}

const limitReason = (reason: string | undefined): string =>
  Buffer.from(reason ?? '')
    .subarray(0, maxReasonBytes)
    .toString('utf8')
    .replace(/\uFFFD$/, '');
