import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A TCP connection that sends exactly the given bytes. */
export interface RawConnection {
  socket: Socket;
  write(bytes: string | Buffer): void;
  /** Everything received so far. */
  received(): string;
  /** Resolves once the condition holds for the received text; rejects if the connection ends before. */
  until(condition: (text: string) => boolean): Promise<string>;
  /** Resolves with all received text when the connection is closed. */
  closed: Promise<string>;
}

export async function openConnection(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setEncoding('latin1');
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    text += chunk;
  });
  // An error precedes the end of the connection, which is awaited.
  const closed = new Promise<string>((resolve) => {
    socket.once('close', () => resolve(text));
  });
  await Promise.race([once(socket, 'connect').catch(() => undefined), closed]);
  return {
    socket,
    write: (bytes) => void socket.write(bytes),
    received: () => text,
    until: (condition) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (!condition(text)) return;
          socket.off('data', check);
          resolve(text);
        };
        socket.on('data', check);
        check();
        void closed.then(() => reject(new Error(`The connection ended after: ${text}`)));
      }),
    closed,
  };
}

/** Sends bytes and resolves with everything received until the connection is closed. */
export async function exchange(url: string, bytes: string | Buffer): Promise<string> {
  const connection = await openConnection(url);
  connection.write(bytes);
  return connection.closed;
}

/** The status and the parsed body of an HTTP/1.1 response. */
export function parseAnswer(text: string) {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
  const body = rest.join('\r\n\r\n');
  return { status, head, body: body.startsWith('{') ? JSON.parse(body) : body };
}

export const handshake = (target: string, headers = 'Host: localhost\r\n') =>
  `GET ${target} HTTP/1.1\r\n${headers}Connection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
  'Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n';
