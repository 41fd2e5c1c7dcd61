import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ReportFailure } from '../../platform/failures.ts';
import { acceptSockets, overloaded } from './accept-sockets.ts';
import { respondToClientErrors } from './client-errors.ts';
import { createDrain, type Drain } from './drain.ts';
import { createOutgoingBytes, type OutgoingBytes } from './outgoing-bytes.ts';
import { createPipelines, type Pipelines } from './pipelines.ts';
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
  pipelines: Pipelines;
  isForProbes(socket: IncomingMessage['socket']): boolean;
}

/** An HTTP server that no client can crash: errors of every socket and request are handled from the first byte. */
export function createHttpServer(options: {
  route: Route;
  report: ReportFailure;
  maxSockets: number;
  maxOutgoingBytes: number;
  maxStallMs?: number | undefined;
}): HttpServer {
  const { route, report, maxSockets, maxOutgoingBytes, maxStallMs } = options;
  // Other upgrade protocols are ignored, as RFC 9110 allows: the request is answered over HTTP.
  const server = createServer({ shouldUpgradeCallback: isWebSocketHandshake });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 65_000;
  const drain = createDrain(server);
  const outgoing = createOutgoingBytes({ maxTotalBytes: maxOutgoingBytes, maxStallMs });
  const pipelines = createPipelines();
  const { isForProbes } = acceptSockets(server, { maxSockets, onSocket: outgoing.watch });
  respondToClientErrors(server, pipelines);

  async function handle(request: IncomingMessage, response: ServerResponse) {
    await pipelines.waitForTurn(request.socket, response);
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
    // A disconnect during the response is no error.
    response.on('error', () => undefined);
    handle(request, response).catch((error) => sendError(response, error, report));
  });
  return { server, drain, outgoing, pipelines, isForProbes };
}

const isWebSocketHandshake = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';

function sendOverloaded(response: ServerResponse) {
  const { status, code, message, headers } = overloaded;
  sendJson(response, status, { success: false, code, message }, headers);
}
