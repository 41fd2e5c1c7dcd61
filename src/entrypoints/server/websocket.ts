import type { Socket } from 'node:net';
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
import { createKeepAlive } from './keep-alive.ts';
import type { Delivery } from './live/delivery.ts';
import { createFlusher } from './live/flusher.ts';
import { publicErrors, publicResult } from './live/public-result.ts';
import { SocketOutlet } from './live/socket-outlet.ts';
import { SocketSubscription } from './live/socket-subscription.ts';
import type { ObserveOperation } from './metrics/operation-metrics.ts';
import type { Origins } from './origins.ts';
import type { Flow } from './outgoing-bytes.ts';
import { resultOf, runOperation } from './run-operation.ts';
import { SocketOperations } from './socket-operations.ts';
import type { StartQueue } from './start-queue.ts';
import { serveUpgrades } from './upgrade.ts';

const maxMessageBytes = 64 * 1024;
const maxSubscriptionsPerSocket = 50;
const goingAway = 1001;
/** The time for a client to answer a close frame. */
const closeTimeoutMs = 2_000;
const tryAgainLater = 1013;
/** When all clients connect at once, their first messages wait. */
const initTimeoutMs = 10_000;

const socketOptions = {
  noServer: true,
  maxPayload: maxMessageBytes,
  // A message in many fragments uses more memory than its bytes.
  maxFragments: 256,
  maxBufferedChunks: 1_024,
  // One message per turn of the event loop: many small ones in one packet would delay other clients.
  allowSynchronousEvents: false,
  closeTimeout: closeTimeoutMs,
  perMessageDeflate: false,
  handleProtocols,
};

interface SocketState extends Record<PropertyKey, unknown> {
  socket: WebSocket;
  connection: Socket;
  principal?: Principal;
  /** Ends the registration with the key, and the count as a concurrent socket. */
  deregister?: () => void;
  operations?: SocketOperations;
  outlet: SocketOutlet;
}

/** GraphQL over WebSocket (graphql-transport-ws) on the same path as over HTTP, under the same limits. */
export function serveWebSockets(options: {
  http: HttpServer;
  graphql: GraphQLServer;
  authenticator: Authenticator;
  connections: Connections;
  limits: Limits;
  startQueue: StartQueue;
  report: ReportFailure;
  toClientError: (error: unknown) => GraphQLError;
  observe: ObserveOperation;
  observeFrame: (seconds: number) => void;
  origins: Origins;
}) {
  const { http, graphql, authenticator, connections, limits, startQueue, report } = options;
  const { toClientError, observe } = options;
  const sockets = new WebSocketServer(socketOptions);
  const shared = {
    flusher: createFlusher(),
    writeBytes: http.outgoing.writeBytes,
    onWritten: createFrameSampler(options.observeFrame),
  };
  const keepAlive = createKeepAlive();
  const outlets = new Set<SocketOutlet>();

  const protocol = makeServer<Record<string, unknown>, SocketState>({
    connectionInitWaitTimeout: initTimeoutMs,
    async onConnect({ connectionParams, extra }) {
      const principal = await authenticator
        .authenticate(keyOf(connectionParams), extra.connection.remoteAddress ?? '')
        .catch((error) => {
          // Clients do not reconnect after 4403, so that code is for an invalid key only.
          const { status, message } = report(error);
          if (status !== 401) extra.socket.close(tryAgainLater, limitReason(message));
          return undefined;
        });
      // graphql-ws closes with 4403 on false. A client that has disconnected must not be registered.
      if (!principal || extra.socket.readyState !== extra.socket.OPEN) return false;
      const release = acquireSocket(limits, principal);
      if (!release) {
        extra.socket.close(tryAgainLater, 'This key has reached its limit of sockets');
        return false;
      }
      extra.principal = principal;
      extra.operations = new SocketOperations(limits);
      const deregister = connections.register(principal, () =>
        extra.outlet.close('REVOKED', CloseCode.Forbidden, 'The key was revoked'),
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
      if (Object.keys(subscriptions).length > maxSubscriptionsPerSocket)
        return [tooManyOperations()];
      const { principal, operations } = extra;
      const outlet = new SocketSubscription(extra.outlet, id);
      const begin = async () => {
        const signal = operations?.begin(payload, id, outlet);
        await startQueue.waitForTurn(principal?.keyId ?? '', () => signal?.aborted === true);
        return signal;
      };
      const caller = { principal, begin, outlet };
      const started = await runOperation({ graphql, toClientError, observe }, caller, payload);
      if ('length' in started) operations?.end(payload);
      else operations?.onStarted(payload);
      return started;
    },
    onComplete: ({ extra }, _id, payload) => extra.operations?.end(payload),
    execute: resultOf,
    subscribe: resultOf,
    onNext: (_ctx, _id, _payload, _args, result) => publicResult(result as ExecutionResult),
    onError: (_ctx, _id, _payload, errors) => publicErrors(errors),
  });

  serveUpgrades({ http, sockets, report, origins: options.origins }, (socket, request) => {
    const connection = request.socket;
    // Protocol errors of a client close its connection (1009 and the like); they are not server errors.
    socket.on('error', ignore);
    keepAlive.watch(socket);
    const outlet = new SocketOutlet(socket, connection, shared);
    outlets.add(outlet);
    socket.once('close', () => outlets.delete(outlet));
    http.outgoing.setFlow(connection, new SocketFlow(socket, outlet));
    const extra: SocketState = { socket, connection, outlet };
    serveSocket(protocol, extra, {
      onComplete: (id) => extra.operations?.complete(id),
      onFailure: report,
    });
  });

  return {
    /** Closes every socket with a code that makes clients reconnect, then waits until they are closed. */
    async close() {
      for (const outlet of outlets)
        outlet.close('SHUTDOWN', goingAway, 'The server is shutting down');
      // A client that does not respond is disconnected after `closeTimeout`.
      await new Promise((resolve) => sockets.close(resolve));
      keepAlive.stop();
    },
  };
}

const ignore = () => undefined;

/** Observes one of so many writes. */
const writesPerSample = 16;

function createFrameSampler(observe: (seconds: number) => void) {
  let writes = 0;
  return ({ recordedAt }: Delivery) => {
    writes += 1;
    if (recordedAt && writes % writesPerSample === 0) {
      observe((Date.now() - recordedAt.getTime()) / 1_000);
    }
  };
}

class SocketFlow implements Flow {
  readonly #socket: WebSocket;
  readonly #outlet: SocketOutlet;

  constructor(socket: WebSocket, outlet: SocketOutlet) {
    this.#socket = socket;
    this.#outlet = outlet;
  }

  pause() {
    this.#socket.pause();
  }

  resume() {
    this.#socket.resume();
  }

  end() {
    this.#outlet.close('TOO_SLOW', tryAgainLater, 'Too slow: no data read for 22 seconds');
  }
}

const tooManyOperations = () =>
  new GraphQLError(
    `One socket allows at most ${maxSubscriptionsPerSocket} concurrent operations.`,
    {
      extensions: { code: 'TOO_MANY_OPERATIONS' },
    },
  );

function acquireSocket(limits: Limits, principal: Principal) {
  try {
    return limits.acquire('sockets', principal);
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
