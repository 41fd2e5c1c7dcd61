import type { IncomingMessage } from 'node:http';
import { type ExecutionResult, GraphQLError } from 'graphql';
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Authenticator } from '../../access/authenticate.ts';
import type { Connections } from '../../access/connections.ts';
import type { Limits } from '../../access/limits.ts';
import type { Principal } from '../../access/principal.ts';
import type { ReportFailure } from '../../platform/failures.ts';
import { keyFromHeader } from './credentials.ts';
import type { GraphQLServer } from './graphql.ts';
import { limitReason, serveSocket } from './graphql-socket.ts';
import type { HttpServer } from './http-server.ts';
import { publicErrors, publicResult } from './public-result.ts';
import { resultOf, runOperation } from './run-operation.ts';
import { createSocketOperations, type SocketOperations } from './socket-operations.ts';
import type { Turnstile } from './turnstile.ts';
import { serveUpgrades } from './upgrade.ts';

const maxMessageBytes = 64 * 1024;
const maxSubscriptionsPerSocket = 50;
const goingAway = 1001;
/** How long a client may take to answer the end of its connection. */
const farewellMs = 2_000;
const tryAgainLater = 1013;

const socketOptions = {
  noServer: true,
  maxPayload: maxMessageBytes,
  // A message in more pieces costs more memory than its bytes.
  maxFragments: 256,
  maxBufferedChunks: 1_024,
  // One message per turn of the event loop: many small ones in one packet would hold everyone up.
  allowSynchronousEvents: false,
  closeTimeout: farewellMs,
  perMessageDeflate: false,
  handleProtocols,
};

interface Connected extends Record<PropertyKey, unknown> {
  socket: WebSocket;
  request: IncomingMessage;
  principal?: Principal;
  /** Ends what stands for the connection elsewhere: its key's registration, its place among the sockets. */
  deregister?: () => void;
  operations?: SocketOperations;
}

/** GraphQL over WebSocket (graphql-transport-ws) on the same path as over HTTP, under the same limits. */
export function serveWebSockets(options: {
  http: HttpServer;
  graphql: GraphQLServer;
  authenticator: Authenticator;
  connections: Connections;
  limits: Limits;
  turnstile: Turnstile;
  report: ReportFailure;
  toClientError: (error: unknown) => GraphQLError;
}) {
  const { http, graphql, authenticator, connections, limits, turnstile, report, toClientError } =
    options;
  const sockets = new WebSocketServer(socketOptions);

  const protocol = makeServer<Record<string, unknown>, Connected>({
    async onConnect({ connectionParams, extra }) {
      const principal = await authenticator
        .authenticate(keyOf(connectionParams), extra.request.socket.remoteAddress ?? '')
        .catch((error) => {
          // A client that is closed with 4403 never comes back: that is for a bad key alone.
          const { status, message } = report(error);
          if (status !== 401) extra.socket.close(tryAgainLater, limitReason(message));
          return undefined;
        });
      // graphql-ws answers false with the protocol's 4403. A client that left meanwhile holds nothing open.
      if (!principal || extra.socket.readyState !== extra.socket.OPEN) return false;
      const release = holdSocket(limits, principal);
      if (!release) {
        extra.socket.close(tryAgainLater, 'This key has as many sockets as it may');
        return false;
      }
      extra.principal = principal;
      extra.operations = createSocketOperations(limits);
      const deregister = connections.register(principal, () =>
        extra.socket.close(CloseCode.Forbidden, 'The key was revoked'),
      );
      extra.deregister = () => {
        deregister();
        release();
      };
      return true;
    },
    onClose({ extra }) {
      extra.operations?.endAll();
      extra.deregister?.();
    },
    async onSubscribe({ extra, subscriptions }, id, payload) {
      if (Object.keys(subscriptions).length > maxSubscriptionsPerSocket) return [tooMany()];
      const { principal, operations } = extra;
      const begin = async () => {
        const signal = operations?.begin(payload, id);
        await turnstile.pass(principal?.keyId ?? '', () => signal?.aborted === true);
        return signal;
      };
      const caller = { principal, begin };
      const started = await runOperation({ graphql, toClientError }, caller, payload);
      if ('length' in started) operations?.end(payload);
      return started;
    },
    onComplete: ({ extra }, _id, payload) => extra.operations?.end(payload),
    execute: resultOf,
    subscribe: resultOf,
    onNext: (_ctx, _id, _payload, _args, result) => publicResult(result as ExecutionResult),
    onError: (_ctx, _id, _payload, errors) => publicErrors(errors),
  });

  serveUpgrades({ http, sockets, report }, (socket, request) => {
    // What a client sends amiss ends its connection (1009 and the like): no error of ours, and no line printed.
    socket.on('error', () => undefined);
    http.outgoing.setFlow(request.socket, {
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      end: () => socket.close(tryAgainLater, 'Too slow: nothing was read for 30 seconds'),
    });
    const extra: Connected = { socket, request };
    serveSocket(protocol, extra, {
      onComplete: (id) => extra.operations?.complete(id),
      onFailure: report,
    });
  });

  return {
    /** Tells every client to come back elsewhere, then waits until they are gone. */
    async close() {
      for (const socket of sockets.clients) socket.close(goingAway, 'The server is going away');
      // One that has stopped listening is cut after `closeTimeout`.
      await new Promise((resolve) => sockets.close(resolve));
    },
  };
}

const tooMany = () =>
  new GraphQLError(`One socket holds at most ${maxSubscriptionsPerSocket} operations at a time.`, {
    extensions: { code: 'TOO_MANY_OPERATIONS' },
  });

function holdSocket(limits: Limits, principal: Principal) {
  try {
    return limits.hold('sockets', principal);
  } catch {
    return undefined;
  }
}

/** `{ "authorization": "Bearer <key>" }`, or `{ "key": "<key>" }`. */
function keyOf(params: Record<string, unknown> | undefined): string {
  const { authorization, Authorization, key } = params ?? {};
  const header = authorization ?? Authorization;
  if (typeof header === 'string') return keyFromHeader(header, { basic: false }) ?? header;
  return typeof key === 'string' ? key : '';
}
