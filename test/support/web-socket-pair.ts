import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

/** Both ends of a WebSocket over a real connection. */
export interface WebSocketPair {
  /** The server's end, and the connection that it writes to. */
  socket: WebSocket;
  connection: Socket;
  client: WebSocket;
  /** The text messages that the client received. */
  received: string[];
  /** Resolves when the client has received so many messages. */
  untilReceived(count: number): Promise<void>;
  close(): Promise<void>;
}

/** A client that does not answer pings is dead for the server. */
export async function openWebSocketPair({
  isCompressed = false,
  answersPings = true,
} = {}): Promise<WebSocketPair> {
  const perMessageDeflate = isCompressed ? { threshold: 0 } : false;
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate });
  await once(server, 'listening');
  const connected = once(server, 'connection');
  const { port } = server.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}`, {
    perMessageDeflate: isCompressed,
    autoPong: answersPings,
  });
  const received: string[] = [];
  let check: () => void = () => undefined;
  client.on('message', (data) => {
    received.push(String(data));
    check();
  });
  const [[socket, request]] = await Promise.all([connected, once(client, 'open')]);
  return {
    socket,
    connection: request.socket,
    client,
    received,
    untilReceived: (count) =>
      new Promise((resolve) => {
        check = () => {
          if (received.length >= count) resolve();
        };
        check();
      }),
    async close() {
      client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
