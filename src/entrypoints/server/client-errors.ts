import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Turns } from './answer-in-turn.ts';
import { answerRaw, type RawAnswer } from './raw-answer.ts';

const malformed: RawAnswer = {
  status: 400,
  code: 'INVALID_REQUEST',
  message: 'The request is not valid HTTP/1.1.',
};

const answers: Readonly<Record<string, RawAnswer>> = {
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

const noTunnels: RawAnswer = {
  status: 405,
  code: 'METHOD_NOT_ALLOWED',
  message: 'CONNECT is not supported.',
  headers: { allow: 'GET, POST, OPTIONS' },
};

/** Answers requests that never become a request event: malformed or slow ones, and CONNECT. */
export function answerClientErrors(server: Server, turns: Turns): void {
  const answer = (socket: Duplex, what: RawAnswer) => {
    // Between the bytes of another answer it would be read as a part of that answer.
    if (turns.isAnswering(socket)) socket.destroy();
    else answerRaw(socket, what);
  };
  server.on('clientError', ({ code }: NodeJS.ErrnoException, socket) =>
    answer(socket, answers[code ?? ''] ?? malformed),
  );
  server.on('connect', (_request, socket) => answer(socket, noTunnels));
}
