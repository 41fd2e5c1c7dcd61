import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

export interface RawResponse {
  status: number;
  code: string;
  message: string;
  headers?: Record<string, string>;
}

const lingerMs = 1_000;
const maxLingering = 500;
let lingering = 0;

/**
 * Sends a response on a socket without a ServerResponse, then closes it. Discards what the client sends for up to a
 * second: closing with unread bytes resets the connection, and the client loses the response.
 */
export function sendRawResponse(socket: Duplex, response: RawResponse): void {
  if (!socket.writable || lingering >= maxLingering) {
    socket.destroy();
    return;
  }
  lingering += 1;
  const cut = setTimeout(() => socket.destroy(), lingerMs).unref();
  socket.once('close', () => {
    clearTimeout(cut);
    lingering -= 1;
  });
  socket.once('end', () => socket.destroy());
  socket.end(format(response));
  socket.resume();
}

function format({ status, code, message, headers = {} }: RawResponse): string {
  const body = JSON.stringify({ success: false, code, message });
  const lines = Object.entries({
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`;
}
