import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

export interface RawAnswer {
  status: number;
  code: string;
  message: string;
  headers?: Record<string, string>;
}

const lingerMs = 1_000;
const maxLingering = 500;
let lingering = 0;

/**
 * Answers on a socket that has no HTTP response, then closes it. What the client still sends is discarded
 * for up to a second: closing on unread bytes resets the connection, and the client loses the answer.
 */
export function answerRaw(socket: Duplex, answer: RawAnswer): void {
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
  socket.end(format(answer));
  socket.resume();
}

function format({ status, code, message, headers = {} }: RawAnswer): string {
  const body = JSON.stringify({ success: false, code, message });
  const lines = Object.entries({
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`;
}
