import { openSocket, type RawSocket, request } from './raw-socket.ts';

/** What one request was answered with; `code` is that of the error, or of the close of a socket. */
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
  /** What a stream and a socket begin with. */
  freshKey: string;
  socket: RawSocket;
  cursor: string;
}

/** Sends one request of each kind; the socket for `subscribe` is open already, and there are changes after `cursor`. */
export async function sendEveryRequest(
  url: string,
  { key, freshKey, socket, cursor }: Sender,
): Promise<Record<Request, RequestOutcome>> {
  const watch = { query: `subscription { changes(after: "${cursor}") { __typename } }` };
  const leaving = new AbortController();
  const send = async (path: string, body: object, more: Record<string, string> = {}) =>
    outcomeOf(
      await fetch(url + path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          accept: 'application/graphql-response+json',
          'content-type': 'application/json',
          ...more,
        },
        body: JSON.stringify(body),
        signal: leaving.signal,
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
    ready: await outcomeOf(await fetch(`${url}/ready`)),
  };
  leaving.abort();
  return all;
}

/** Reads no body of a success: that of a stream does not end. */
async function outcomeOf(response: Response): Promise<RequestOutcome> {
  const { status, headers } = response;
  if (response.ok) return { status };
  const [, code] = /"code":"(\w+)"/.exec(await response.text()) ?? [];
  const retryAfter = headers.get('retry-after');
  return { status, ...(code && { code }), ...(retryAfter && { retryAfter }) };
}

/** Whether an error is a message of its own or a result is the protocol's business. */
async function subscribeOn(socket: RawSocket, payload: object): Promise<RequestOutcome> {
  const { id, answer } = await request(socket, payload);
  const [, code] = /"code":"(\w+)"/.exec(JSON.stringify(answer)) ?? [];
  if (code) return { code };
  socket.say({ id, type: 'complete' });
  return {};
}

async function connectTo(url: string, key: string): Promise<RequestOutcome> {
  const socket = await openSocket(url);
  socket.say({ type: 'connection_init', payload: { key } });
  const outcome = await Promise.race([
    socket
      .hear(({ type }) => type === 'connection_ack')
      .then(
        () => ({}),
        () => undefined,
      ),
    socket.closed.then(({ code }) => ({ code })),
  ]);
  socket.close();
  return outcome ?? { code: (await socket.closed).code };
}
