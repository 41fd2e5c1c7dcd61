import { type Client, createClient } from 'graphql-sse';
import { framesOf } from './event-frames.ts';
import { type RawEventStream, readEventStream } from './raw-event-stream.ts';

/** The official client in single connection mode. */
export const connectOnce = (url: string, key: string, options: object = {}): Client<true> =>
  createClient({
    url: `${url}/graphql`,
    singleConnection: true,
    headers: () => ({ authorization: `Bearer ${key}` }),
    retry: () => Promise.resolve(),
    ...options,
  });

interface StreamEvent {
  event: string;
  id: string;
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire is the test's to judge
  payload?: any;
}

/** The events of a stream in single connection mode, in order. */
export const eventsOf = (text: string): StreamEvent[] =>
  framesOf(text).map(({ event = '', data = '{}' }) => ({ event, ...JSON.parse(data) }));

/** Resolves with the events received once the condition holds for them. */
export const untilEvents = (
  stream: RawEventStream,
  condition: (events: StreamEvent[]) => boolean,
): Promise<StreamEvent[]> => stream.until((text) => condition(eventsOf(text))).then(eventsOf);

/** The results of one operation, in order. */
export const payloadsOf = (events: readonly StreamEvent[], id: string) =>
  events.filter((one) => one.id === id && one.event === 'next').map(({ payload }) => payload);

/** The status and the code of the first error of a refusal. */
export async function codeOf(response: Response): Promise<[status: number, code: string]> {
  const { errors } = (await response.json()) as { errors: [{ extensions: { code: string } }] };
  return [response.status, errors[0].extensions.code];
}

export const operationBody = (id: string, query: string, variables: object = {}) =>
  JSON.stringify({ query, variables, extensions: { operationId: id } });

/** The requests of the single connection mode with one key. */
export function singleConnection(url: string, key: string) {
  const send = (method: string, token?: string, init: RequestInit = {}, search = '') =>
    fetch(`${url}/graphql${search}`, {
      method,
      ...init,
      headers: {
        authorization: `Bearer ${key}`,
        ...(token && { 'x-graphql-event-stream-token': token }),
        ...init.headers,
      },
    });
  const json = { 'content-type': 'application/json' };

  return {
    reserve: () => send('PUT'),
    async token() {
      return (await send('PUT')).text();
    },
    open: (token: string, headers = {}) =>
      send('GET', token, { headers: { accept: 'text/event-stream', ...headers } }),
    /** Sends this text as the body of an operation. */
    post: (token: string, body: string, init: RequestInit = {}) =>
      send('POST', token, { body, ...init, headers: { ...json, ...init.headers } }),
    start: (token: string, id: string, query: string, variables: object = {}) =>
      send('POST', token, { body: operationBody(id, query, variables), headers: json }),
    end: (token: string, id: string) => send('DELETE', token, {}, `?operationId=${id}`),
    /** Opens a stream, which is reserved before unless its token is given. */
    async stream(reserved?: string): Promise<RawEventStream & { token: string }> {
      const token = reserved ?? (await this.token());
      const leaving = new AbortController();
      const response = await send('GET', token, {
        headers: { accept: 'text/event-stream' },
        signal: leaving.signal,
      });
      return { token, ...readEventStream(response, leaving) };
    },
  };
}
