import { CloseCode, type Server } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { quoteLargeIntegers } from '../../platform/parse-json.ts';

/** The maximum of a close frame. */
const maxReasonBytes = 123;
/** The maximum length of a "complete" message. */
const maxCompleteLength = 1_000;

interface SocketHooks {
  /** The client has completed the operation. graphql-ws reports that for streams only. */
  onComplete(id: string): void;
  onFailure(error: unknown): void;
}

/**
 * Serves graphql-transport-ws on one WebSocket. Unlike the adapter of graphql-ws, it does not treat a disconnect as an
 * error, nor a paused client as dead.
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
          handle(withExactIntegers(text)).catch((error) => {
            if (isBadMessage(error)) {
              socket.close(
                CloseCode.BadRequest,
                'Invalid message type, or message nested too deeply',
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
  socket.once('close', (code, reason) => {
    closed(code, String(reason)).catch(onFailure);
  });
}

/** graphql-ws parses messages itself, and closes the socket of one that is malformed. */
function withExactIntegers(text: string): string {
  try {
    return quoteLargeIntegers(text);
  } catch {
    return text;
  }
}

/** Errors that a client can cause in graphql-ws: a message that only servers send, or a payload nested too deeply. */
const isBadMessage = (error: unknown) =>
  error instanceof RangeError ||
  (error instanceof Error && error.message.startsWith('Unexpected message of type'));

/** The id of a "complete" message; graphql-ws refuses malformed ones. */
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
