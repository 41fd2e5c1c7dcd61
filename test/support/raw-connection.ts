import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A TCP connection that sends exactly the bytes it is given. */
export interface RawConnection {
  socket: Socket;
  write(bytes: string | Buffer): void;
  /** Everything received so far. */
  received(): string;
  /** Resolves once the condition holds for what was received; rejects when the connection ends before. */
  until(wanted: (text: string) => boolean): Promise<string>;
  /** Resolves with everything when the connection is closed. */
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
  // An error comes before the end; it is the end that is waited for.
  const closed = new Promise<string>((resolve) => {
    socket.once('close', () => resolve(text));
  });
  await Promise.race([once(socket, 'connect').catch(() => undefined), closed]);
  return {
    socket,
    write: (bytes) => void socket.write(bytes),
    received: () => text,
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!wanted(text)) return;
          socket.off('data', look);
          resolve(text);
        };
        socket.on('data', look);
        look();
        void closed.then(() => reject(new Error(`The connection ended after: ${text}`)));
      }),
    closed,
  };
}

/** Sends bytes and resolves with everything that comes back until the connection is closed. */
export async function exchange(url: string, bytes: string | Buffer): Promise<string> {
  const connection = await openConnection(url);
  connection.write(bytes);
  return connection.closed;
}

/** The status line's number and the parsed body of an HTTP/1.1 answer. */
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
