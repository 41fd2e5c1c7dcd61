import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ReportFailure } from '../../platform/failures.ts';
import { acceptSockets, overloaded } from './accept-sockets.ts';
import { createTurns, type Turns } from './answer-in-turn.ts';
import { answerClientErrors } from './client-errors.ts';
import { createDrain, type Drain } from './drain.ts';
import { createOutgoingBytes, type OutgoingBytes } from './outgoing-bytes.ts';
import { InvalidTarget, normaliseRequest, parseRequestTarget } from './request-target.ts';
import { sendError, sendJson } from './respond.ts';

const probePaths = new Set(['/health', '/ready']);

export type Route = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
) => Promise<unknown> | unknown;

export interface HttpServer {
  server: Server;
  drain: Drain;
  outgoing: OutgoingBytes;
  turns: Turns;
  isForProbes(socket: IncomingMessage['socket']): boolean;
}

/** An HTTP server that no client can end: every socket and every request is guarded from its first byte. */
export function createHttpServer(options: {
  route: Route;
  report: ReportFailure;
  maxSockets: number;
  maxOutgoingBytes: number;
}): HttpServer {
  const { route, report, maxSockets, maxOutgoingBytes } = options;
  // Any other protocol to upgrade to is ignored, as RFC 9110 allows: the request is answered as it is.
  const server = createServer({ shouldUpgradeCallback: isWebSocketHandshake });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 65_000;
  const drain = createDrain(server);
  const outgoing = createOutgoingBytes({ maxTotalBytes: maxOutgoingBytes });
  const turns = createTurns();
  const { isForProbes } = acceptSockets(server, { maxSockets, onSocket: outgoing.watch });
  answerClientErrors(server, turns);

  async function answer(request: IncomingMessage, response: ServerResponse) {
    await turns.of(request.socket, response);
    if (request.socket.destroyed) return;
    drain.watch(response);
    const target = parseRequestTarget(request);
    if (!target) throw new InvalidTarget();
    if (isForProbes(request.socket)) {
      response.setHeader('connection', 'close');
      if (!probePaths.has(target.path)) return sendOverloaded(response);
    }
    normaliseRequest(request, target);
    await route(request, response, target.path);
  }

  server.on('request', (request, response) => {
    // A client that leaves while it is answered is no error.
    response.on('error', () => undefined);
    answer(request, response).catch((error) => sendError(response, error, report));
  });
  return { server, drain, outgoing, turns, isForProbes };
}

const isWebSocketHandshake = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';

function sendOverloaded(response: ServerResponse) {
  const { status, code, message, headers } = overloaded;
  sendJson(response, status, { success: false, code, message }, headers);
}
