import { EventEmitter, on, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

/** Subscriptions as they are usually served: graphql-ws on a source in memory that knows only the present. */
export interface StockServer {
  url(): string;
  /** The number of subscriptions at present. */
  subscriptions(): number;
  /** Delivers the change to all subscribers of the segment. */
  publish(segment: number, position: number): void;
  /** Ends all connections and serves again on another port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** The document that `LiveTransport` sends it; a cursor to resume after has no effect. */
export const stockQuery = `subscription ($segment: Int, $after: String) {
  changed(segment: $segment, after: $after) }`;

export async function startStockServer(): Promise<StockServer> {
  const source = new EventEmitter().setMaxListeners(0);
  const schema = createSchema(source);
  let running = await listen(schema);
  return {
    url: () => running.url,
    // Each listens for the end by an error, too.
    subscriptions: () => source.listenerCount('error'),
    publish: (segment, position) => void source.emit(nameOf(segment), position),
    async restart() {
      await running.close();
      running = await listen(schema);
    },
    close: () => running.close(),
  };
}

const nameOf = (segment: number) => `segment ${segment}`;

async function listen(schema: GraphQLSchema) {
  const http = createServer();
  const connections = new Set<Socket>();
  http.on('connection', (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  const sockets = new WebSocketServer({ server: http, path: '/graphql' });
  useServer<Record<string, unknown>>(
    {
      schema,
      // The cursor belongs to the result as Stageline delivers it, so that one client reads both.
      onNext: (_ctx, _id, _payload, _args, { data = null }) => ({
        data,
        extensions: { cursor: `stock.${data?.['changed']}` },
      }),
    },
    sockets,
  );
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async close() {
      const closed = once(http, 'close');
      sockets.close();
      http.close();
      // Those in the middle of their handshake, too: the server would wait for them.
      for (const connection of connections) connection.destroy();
      await closed;
    },
  };
}

function createSchema(source: EventEmitter) {
  const args = { segment: { type: GraphQLInt }, after: { type: GraphQLString } };
  return new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { ok: { type: GraphQLString } } }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        changed: {
          type: GraphQLInt,
          args,
          subscribe: (_root, { segment }) => on(source, nameOf(segment)),
          resolve: ([position]: [number]) => position,
        },
      },
    }),
  });
}
