import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import type { ReportFailure } from '../../platform/failures.ts';
import { overloaded } from './accept-sockets.ts';
import type { HttpServer } from './http-server.ts';
import { type Origins, originNotAllowed } from './origins.ts';
import { type RawResponse, sendRawResponse } from './raw-response.ts';
import { InvalidTarget, parseRequestTarget } from './request-target.ts';

const invalidTarget: RawResponse = {
  status: 400,
  code: 'INVALID_REQUEST',
  message: new InvalidTarget().message,
};

const unknownPath: RawResponse = {
  status: 404,
  code: 'NOT_FOUND',
  message: 'No WebSocket endpoint at this path. Connect to /graphql.',
};

const invalidHandshake = (message: string): RawResponse => ({
  status: 400,
  code: 'INVALID_REQUEST',
  message: `The WebSocket handshake is invalid: ${message}.`,
  headers: { 'sec-websocket-version': '13' },
});

/** Upgrades requests to WebSockets, or refuses them with an HTTP response. */
export function serveUpgrades(
  {
    http,
    sockets,
    report,
    origins,
  }: { http: HttpServer; sockets: WebSocketServer; report: ReportFailure; origins: Origins },
  serve: (socket: WebSocket, request: IncomingMessage) => void,
): void {
  function refusalOf(request: IncomingMessage): RawResponse | undefined {
    const target = parseRequestTarget(request);
    if (!target) return invalidTarget;
    if (target.path !== '/graphql') return unknownPath;
    if (!origins.isAllowed(request)) return { status: 403, ...originNotAllowed };
    return http.isForProbes(request.socket) ? overloaded : undefined;
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
    // The bytes of the refusal would be mixed with those of the pending response.
    if (http.pipelines.isResponding(socket)) return void socket.destroy();
    const refusal = refusalOf(request);
    if (refusal) return sendRawResponse(socket, refusal);
    sockets.handleUpgrade(request, socket, head, (accepted) => serve(accepted, request));
  }

  sockets.on('wsClientError', ({ message }: Error, socket: Socket) =>
    sendRawResponse(socket, invalidHandshake(message)),
  );
  http.server.on('upgrade', (request, socket, head) => {
    upgrade(request, socket, head).catch((error) => {
      const { status, code, message } = report(error);
      sendRawResponse(socket, { status, code, message });
    });
  });
}
