import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Pipelines } from './pipelines.ts';
import { type RawResponse, sendRawResponse } from './raw-response.ts';

const malformed: RawResponse = {
  status: 400,
  code: 'INVALID_REQUEST',
  message: 'The request is not valid HTTP/1.1.',
};

const responses: Readonly<Record<string, RawResponse>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'HEADERS_TOO_LARGE',
    message: 'The headers are larger than 16 KB.',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    code: 'BODY_TOO_LARGE',
    message: 'The chunk extensions of the body are too large.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'REQUEST_TIMEOUT',
    message:
      'The request took too long to arrive. Send headers within 10 s and the body within 30 s.',
  },
};

const connectNotAllowed: RawResponse = {
  status: 405,
  code: 'METHOD_NOT_ALLOWED',
  message: 'CONNECT is not supported.',
  headers: { allow: 'GET, POST, OPTIONS' },
};

/** Responds to requests that never become a request event: malformed or slow ones, and CONNECT. */
export function respondToClientErrors(server: Server, pipelines: Pipelines): void {
  const respond = (socket: Duplex, response: RawResponse) => {
    // Between the bytes of another response it would be read as a part of that response.
    if (pipelines.isResponding(socket)) socket.destroy();
    else sendRawResponse(socket, response);
  };
  server.on('clientError', ({ code }: NodeJS.ErrnoException, socket) =>
    respond(socket, responses[code ?? ''] ?? malformed),
  );
  server.on('connect', (_request, socket) => respond(socket, connectNotAllowed));
}
