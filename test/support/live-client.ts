import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** An active subscription. */
export interface Watch<Payload> {
  /** Everything delivered so far, in order. */
  items: Payload[];
  /** Resolves once the condition holds for the delivered items; rejects if the subscription ends before. */
  until(condition: (items: Payload[]) => boolean): Promise<Payload[]>;
  /** Resolves with all items when the server ends the subscription; rejects with the error. */
  ended: Promise<Payload[]>;
  stop(): void;
}

type SocketClass = new (address: string | URL, protocols?: string | string[]) => WebSocket;

/** The official client with one socket, which stays open until it is disposed of. */
export function connectLive(url: string, key: string, webSocketImpl: SocketClass = WebSocket) {
  const closed = Promise.withResolvers<{ code: number; reason: string }>();
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl,
    connectionParams: { authorization: `Bearer ${key}` },
    lazy: true,
    lazyCloseTimeout: 60_000,
    retryAttempts: 0,
    on: { closed: (event) => closed.resolve(event as { code: number; reason: string }) },
  });
  return {
    client,
    closed: closed.promise,
    watch: <Payload>(query: string, variables: object = {}) =>
      watch<Payload>(client, query, variables),
    /** Runs a query or a mutation over the same socket. */
    async ask<Data>(query: string, variables: object = {}): Promise<Data> {
      const [only] = await watch<Data>(client, query, variables).ended;
      if (!only) throw new Error('There was no answer');
      return only;
    },
    dispose: () => client.dispose(),
  };
}

/** Follows one operation; each item is the `data` of one message. */
function watch<Data>(client: Client, query: string, variables: object): Watch<Data> {
  const items: Data[] = [];
  const waiting = new Set<() => void>();
  const end = Promise.withResolvers<Data[]>();
  end.promise.catch(() => undefined);
  const stop = client.subscribe<Data>(
    { query, variables: { ...variables } },
    {
      next({ data, errors }) {
        if (errors) return end.reject(new Error(JSON.stringify(errors)));
        if (data) items.push(data);
        for (const check of waiting) check();
      },
      error: (error) =>
        end.reject(error instanceof Error ? error : new Error(JSON.stringify(error))),
      complete: () => end.resolve(items),
    },
  );
  return {
    items,
    ended: end.promise,
    stop,
    until: (condition) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (!condition(items)) return;
          waiting.delete(check);
          resolve(items);
        };
        waiting.add(check);
        check();
        end.promise.then(
          () => reject(new Error(`It ended after ${JSON.stringify(items.slice(-3))}`)),
          reject,
        );
      }),
  };
}

export interface Delivered {
  __typename: string;
  cursor: string;
  at: string;
  fromKey?: string | null;
  toKey?: string;
  reason?: string;
}

const parts = `__typename
  ... on Change { cursor at }
  ... on StageChanged { fromKey toKey }
  ... on StreamReset { cursor at reason }`;

export const watchChanges = `subscription ($after: Cursor, $kinds: [ChangeKind!]) {
  changes(after: $after, kinds: $kinds) { ${parts} } }`;

export const watchStages = `
  subscription ($after: Cursor, $lifecycle: String, $from: [String!], $to: [String!], $customer: ID) {
    stageChanged(after: $after, lifecycle: $lifecycle, from: $from, to: $to, customer: $customer) {
      ${parts} } }`;

export type Changes = { changes: Delivered };
export type Stages = { stageChanged: Delivered };

/** The position of the change in the log, decoded from the opaque cursor. */
export const positionOf = ({ cursor }: { cursor: string }) => Number(cursor.split('.')[1]);
