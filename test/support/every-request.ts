import { openSocket, type RawSocket, request } from './raw-socket.ts';

/** The response to one request; `code` is that of the error or of the socket's close frame. */
export interface RequestOutcome {
  status?: number;
  code?: string | number;
  retryAfter?: string;
}

export const requests = [
  'query',
  'mutation',
  'track',
  'sse',
  'subscribe',
  'connect',
  'ready',
] as const;
export type Request = (typeof requests)[number];

export interface Sender {
  key: string;
  /** A valid key that is not cached, with which a stream and a socket start. */
  freshKey: string;
  socket: RawSocket;
  cursor: string;
}

/** Sends one request of each kind. The socket for `subscribe` is already open, and the log has changes after `cursor`. */
export async function sendEveryRequest(
  url: string,
  { key, freshKey, socket, cursor }: Sender,
): Promise<Record<Request, RequestOutcome>> {
  const watch = { query: `subscription { changes(after: "${cursor}") { __typename } }` };
  const stop = new AbortController();
  const send = async (path: string, body: object, more: Record<string, string> = {}) =>
    toOutcome(
      await fetch(url + path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          accept: 'application/graphql-response+json',
          'content-type': 'application/json',
          ...more,
        },
        body: JSON.stringify(body),
        signal: stop.signal,
      }),
    );
  const stream = { authorization: `Bearer ${freshKey}`, accept: 'text/event-stream' };
  const all = {
    query: await send('/graphql', { query: '{ workspace { name } lifecycles { key } }' }),
    mutation: await send('/graphql', {
      query: `mutation { createTeam(name: "${crypto.randomUUID()}", kind: SALES) { __typename } }`,
    }),
    track: await send('/v1/track', { event: 'Seen', userId: 'u' }),
    sse: await send('/graphql', watch, stream),
    subscribe: await subscribeOn(socket, watch),
    connect: await connectTo(url, freshKey),
    ready: await toOutcome(await fetch(`${url}/ready`)),
  };
  stop.abort();
  return all;
}

/** Does not read the body of a success, because a stream does not end. */
async function toOutcome(response: Response): Promise<RequestOutcome> {
  const { status, headers } = response;
  if (response.ok) return { status };
  const [, code] = /"code":"(\w+)"/.exec(await response.text()) ?? [];
  const retryAfter = headers.get('retry-after');
  return { status, ...(code && { code }), ...(retryAfter && { retryAfter }) };
}

/** graphql-ws reports an error in its own message or within a result. */
async function subscribeOn(socket: RawSocket, payload: object): Promise<RequestOutcome> {
  const { id, answer } = await request(socket, payload);
  const [, code] = /"code":"(\w+)"/.exec(JSON.stringify(answer)) ?? [];
  if (code) return { code };
  socket.send({ id, type: 'complete' });
  return {};
}

async function connectTo(url: string, key: string): Promise<RequestOutcome> {
  const socket = await openSocket(url);
  socket.send({ type: 'connection_init', payload: { key } });
  const outcome = await Promise.race([
    socket
      .waitFor(({ type }) => type === 'connection_ack')
      .then(
        () => ({}),
        () => undefined,
      ),
    socket.closed.then(({ code }) => ({ code })),
  ]);
  socket.close();
  return outcome ?? { code: (await socket.closed).code };
}
