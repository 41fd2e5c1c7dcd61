import type { ExecutionResult } from 'graphql';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { waitUntil } from './embedded-owners.ts';
import { connectOnce } from './single-connection.ts';

export interface ClientOptions {
  /** The server; called for every connection. */
  url: () => string;
  key: string;
  /** Whether it reconnects when its connection ends. Default: it does. */
  isPersistent?: boolean;
  /** Whether it answers pings, where its transport has any. Default: it does. */
  isAlive?: boolean;
}

/** One of the official clients, unmodified; it resumes as its documentation says. */
export interface OfficialClient {
  follow<Data>(query: string, variables?: Record<string, unknown>): FollowedOperation<Data>;
  dispose(): void;
}

export interface FollowedOperation<Data> {
  results: Array<ExecutionResult<Data, { cursor?: string }>>;
  /** `complete`, or the error that the client reported. */
  end: Promise<'complete' | unknown>;
  /** Waits for a number of results. */
  untilLength(length: number): Promise<void>;
}

interface Request {
  query: string;
  variables: Record<string, unknown>;
}

interface Sink {
  next(result: { extensions?: unknown }): void;
  error(error: unknown): void;
  complete(): void;
}

type Subscribe = (request: Request, sink: Sink) => unknown;

/** Collects the results of operations. `onCursor` is called with the position to resume after. */
function toOfficial(
  subscribe: Subscribe,
  dispose: () => unknown,
  onCursor: (cursor: string, variables: Record<string, unknown>) => void,
): OfficialClient {
  return {
    dispose: () => void dispose(),
    follow<Data>(query: string, variables: Record<string, unknown> = {}) {
      const results: FollowedOperation<Data>['results'] = [];
      const end = Promise.withResolvers<unknown>();

      subscribe(
        { query, variables },
        {
          next(result) {
            results.push(result as ExecutionResult<Data, { cursor?: string }>);
            const { cursor } = (result.extensions ?? {}) as { cursor?: string };
            if (cursor !== undefined) onCursor(cursor, variables);
          },
          error: (error) => end.resolve(error),
          complete: () => end.resolve('complete'),
        },
      );
      const untilLength = (length: number) =>
        waitUntil(() => results.length >= length, 20_000).catch(() => {
          throw new Error(`${results.length} of ${length} results`);
        });
      return { results, end: end.promise, untilLength };
    },
  };
}

/** The client sends the same variables again when it reconnects. */
const resumeByVariable = (after: string, variables: Record<string, unknown>) => {
  variables['after'] = after;
};

class Unresponsive extends WebSocket {
  constructor(address: string | URL, protocols?: string | string[]) {
    super(address, protocols, { autoPong: false });
  }
}

function connectWebSocket({ url, key, isPersistent = true, isAlive = true }: ClientOptions) {
  const client = createWsClient({
    url: () => `${url().replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: isAlive ? WebSocket : Unresponsive,
    connectionParams: { authorization: `Bearer ${key}` },
    retryAttempts: isPersistent ? Number.POSITIVE_INFINITY : 0,
    retryWait: () => Promise.resolve(),
  });
  return toOfficial(client.subscribe as Subscribe, client.dispose, resumeByVariable);
}

function connectEventStreams({ url, key, isPersistent = true }: ClientOptions) {
  let lastEventId: string | undefined;
  const client = createSseClient({
    url: () => `${url()}/graphql`,
    headers: (): Record<string, string> => ({
      authorization: `Bearer ${key}`,
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    }),
    retryAttempts: isPersistent ? Number.POSITIVE_INFINITY : 0,
    retry: () => Promise.resolve(),
  });
  return toOfficial(client.subscribe as Subscribe, client.dispose, (cursor) => {
    lastEventId = cursor;
  });
}

function connectSingle({ url, key, isPersistent = true }: ClientOptions) {
  const client = connectOnce(url(), key, {
    url: () => `${url()}/graphql`,
    retryAttempts: isPersistent ? Number.POSITIVE_INFINITY : 0,
  });
  return toOfficial(client.subscribe as Subscribe, client.dispose, resumeByVariable);
}

/** The transports with their clients. */
export const officialClients = {
  WebSocket: connectWebSocket,
  SSE: connectEventStreams,
  'SSE, single connection': connectSingle,
} as const satisfies Record<string, (options: ClientOptions) => OfficialClient>;

export type TransportName = keyof typeof officialClients;

/** The code with which an operation was refused, in a result or an error; the status where a client reports only that. */
export async function refusalOf({ end, results }: FollowedOperation<unknown>): Promise<string> {
  const error = await end;
  const { response } = error as { response?: Response };
  const code = /"code":"(\w+)"/.exec(JSON.stringify([error, results]))?.[1];
  return code ?? String(response?.status);
}
