import type { Server } from 'node:http';
import { type ExecutionResult, GraphQLError } from 'graphql';
import { CloseCode } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { Authenticator } from '../access/authenticate.ts';
import type { Connections } from '../access/connections.ts';
import type { Limits } from '../access/limits.ts';
import type { Principal } from '../access/principal.ts';
import type { ReportFailure } from '../platform/failures.ts';
import { keyFromHeader } from './credentials.ts';
import type { GraphQLServer } from './graphql.ts';
import { publicErrors, publicResult } from './public-result.ts';
import { resultOf, runOperation } from './run-operation.ts';
import { createSocketOperations, type SocketOperations } from './socket-operations.ts';

const maxMessageBytes = 64 * 1024;
const maxSubscriptionsPerSocket = 50;
const goingAway = 1001;
/** How long a client may take to answer the end of its connection. */
const farewellMs = 2_000;
const tryAgainLater = 1013;

interface Connected extends Record<PropertyKey, unknown> {
  principal?: Principal;
  /** Ends what stands for the connection elsewhere: its key's registration, its place among the sockets. */
  deregister?: () => void;
  operations?: SocketOperations;
}

/** GraphQL over WebSocket (graphql-transport-ws) on the same path as over HTTP, under the same limits. */
export function serveWebSockets(options: {
  server: Server;
  graphql: GraphQLServer;
  authenticator: Authenticator;
  connections: Connections;
  limits: Limits;
  report: ReportFailure;
  toClientError: (error: unknown) => GraphQLError;
}) {
  const { server, graphql, authenticator, connections, limits, report, toClientError } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
  });

  server.on('upgrade', (request, socket, head) => {
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== '/graphql') {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit('connection', ws, request));
  });

  const protocol = useServer<Record<string, unknown>, Connected>(
    {
      async onConnect({ connectionParams, extra }) {
        const principal = await authenticator
          .authenticate(keyOf(connectionParams), extra.request.socket.remoteAddress ?? '')
          .catch((error) => {
            // A client that is closed with 4403 never comes back: that is for a bad key alone.
            const { status, message } = report(error);
            if (status !== 401) extra.socket.close(tryAgainLater, message);
            return undefined;
          });
        // graphql-ws answers false with the protocol's 4403. Whoever left meanwhile holds nothing open.
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
      async onSubscribe({ extra, subscriptions }, _id, payload) {
        if (Object.keys(subscriptions).length > maxSubscriptionsPerSocket) return [tooMany()];
        const { principal, operations } = extra;
        const caller = { principal, begin: () => operations?.begin(payload) };
        const started = await runOperation({ graphql, toClientError }, caller, payload);
        if ('length' in started) operations?.end(payload);
        return started;
      },
      onComplete: ({ extra }, _id, payload) => extra.operations?.end(payload),
      execute: resultOf,
      subscribe: resultOf,
      onNext: (_ctx, _id, _payload, _args, result) => publicResult(result as ExecutionResult),
      onError: (_ctx, _id, _payload, errors) => publicErrors(errors),
      // Of what goes wrong inside the library a client learns no more than that.
      isProd: true,
    },
    sockets,
  );

  // What a client sends amiss ends its connection (1009 and the like): no error of ours, and no line printed.
  sockets.on('connection', (socket) => {
    socket.removeAllListeners('error').on('error', () => undefined);
  });

  return {
    /** Tells every client to come back elsewhere, then waits until they are gone. */
    async close() {
      for (const socket of sockets.clients) socket.close(goingAway, 'The server is going away');
      // One that has stopped listening would otherwise hold the server.
      const cut = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, farewellMs);
      await protocol.dispose();
      clearTimeout(cut);
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
