import { CloseCode, type Server } from 'graphql-ws';
import type { WebSocket } from 'ws';

const keepAliveMs = 12_000;
/** What a close frame has room for. */
const maxReasonBytes = 123;
/** An id with its message around it. */
const maxCompleteLength = 1_000;

interface SocketHooks {
  /** The client does not wait for the operation any more; graphql-ws says so of streams alone. */
  onComplete(id: string): void;
  onFailure(error: unknown): void;
}

/**
 * Speaks graphql-transport-ws on one WebSocket. Unlike the adapter that comes with graphql-ws it treats a
 * client that leaves as no error, and does not take one that is slowed down for dead.
 */
export function serveSocket<Extra extends { socket: WebSocket }>(
  protocol: Server<Extra>,
  extra: Extra,
  { onComplete, onFailure }: SocketHooks,
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
          const text = String(data);
          const completed = completedId(text);
          if (completed !== undefined) onComplete(completed);
          handle(text).catch((error) => {
            if (isBadMessage(error)) {
              socket.close(
                CloseCode.BadRequest,
                'The message is none of a client, or nested too deep',
              );
              return;
            }
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

/** What a client can make graphql-ws throw: a message that only servers send, a payload too deep to be echoed. */
const isBadMessage = (error: unknown) =>
  error instanceof RangeError ||
  (error instanceof Error && error.message.startsWith('Unexpected message of type'));

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

/** The id in a message of the type "complete"; malformed ones are for graphql-ws to refuse. */
function completedId(text: string): string | undefined {
  if (text.length > maxCompleteLength || !text.includes('"complete"')) return undefined;
  try {
    const { type, id } = JSON.parse(text);
    return type === 'complete' && typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}

export const limitReason = (reason: string | undefined): string =>
  Buffer.from(reason ?? '')
    .subarray(0, maxReasonBytes)
    .toString('utf8')
    .replace(/\uFFFD$/, '');
