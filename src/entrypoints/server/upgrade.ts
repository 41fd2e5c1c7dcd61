import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import type { ReportFailure } from '../../platform/failures.ts';
import { overloaded } from './accept-sockets.ts';
import type { HttpServer } from './http-server.ts';
import { answerRaw, type RawAnswer } from './raw-answer.ts';
import { InvalidTarget, parseRequestTarget } from './request-target.ts';

const invalidTarget: RawAnswer = {
  status: 400,
  code: 'INVALID_REQUEST',
  message: new InvalidTarget().message,
};

const nothingHere: RawAnswer = {
  status: 404,
  code: 'NOT_FOUND',
  message: 'There is no WebSocket here. Connect to /graphql.',
};

const invalidHandshake = (message: string): RawAnswer => ({
  status: 400,
  code: 'INVALID_REQUEST',
  message: `The WebSocket handshake is not valid: ${message}.`,
  headers: { 'sec-websocket-version': '13' },
});

/** Turns upgrade requests into WebSockets, or answers them like any other request. */
export function serveUpgrades(
  { http, sockets, report }: { http: HttpServer; sockets: WebSocketServer; report: ReportFailure },
  serve: (socket: WebSocket, request: IncomingMessage) => void,
): void {
  function refusalOf(request: IncomingMessage): RawAnswer | undefined {
    const target = parseRequestTarget(request);
    if (!target) return invalidTarget;
    if (target.path !== '/graphql') return nothingHere;
    return http.isForProbes(request.socket) ? overloaded : undefined;
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
    // Its bytes would get between those of the answer under way.
    if (http.turns.isAnswering(socket)) return void socket.destroy();
    const refusal = refusalOf(request);
    if (refusal) return answerRaw(socket, refusal);
    sockets.handleUpgrade(request, socket, head, (accepted) => serve(accepted, request));
  }

  sockets.on('wsClientError', ({ message }: Error, socket: Socket) =>
    answerRaw(socket, invalidHandshake(message)),
  );
  http.server.on('upgrade', (request, socket, head) => {
    upgrade(request, socket, head).catch((error) => {
      const { status, code, message } = report(error);
      answerRaw(socket, { status, code, message });
    });
  });
}
