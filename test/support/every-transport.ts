import { connectSocket, start } from './raw-socket.ts';
import type { TestWorkspace } from './server.ts';

export interface TransportRefusal {
  status: number | undefined;
  code: string | undefined;
  text: string;
}

const codeIn = (text: string) => /"code":"(\w+)"/.exec(text)?.[1];

interface Payload {
  query: string;
  variables?: object;
  operationName?: string;
}

/** Sends one operation over every transport and returns the responses. */
export async function sendOverEveryTransport(
  url: string,
  { key }: Pick<TestWorkspace, 'key'>,
  payload: Payload,
): Promise<Record<'POST' | 'GET' | 'SSE' | 'WebSocket', TransportRefusal>> {
  const authorization = `Bearer ${key}`;
  const post = (accept: string) =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { authorization, accept, 'content-type': 'application/json' },
      body: JSON.stringify(payload),
    }).then(toRefused);
  const search = new URLSearchParams(
    Object.entries(payload).map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
  const accept = 'application/graphql-response+json';
  return {
    POST: await post(accept),
    GET: await fetch(`${url}/graphql?${search}`, { headers: { authorization, accept } }).then(
      toRefused,
    ),
    SSE: await post('text/event-stream'),
    WebSocket: await overWebSocket(url, key, payload),
  };
}

async function toRefused(response: Response): Promise<TransportRefusal> {
  const text = await response.text();
  return { status: response.status, code: codeIn(text), text };
}

async function overWebSocket(
  url: string,
  key: string,
  payload: Payload,
): Promise<TransportRefusal> {
  const socket = await connectSocket(url, key);
  const id = start(socket, payload);
  const text = JSON.stringify(await socket.waitFor((message) => message['id'] === id));
  // The connection stays open: an invalid operation must not affect others.
  socket.send({ type: 'ping' });
  await socket.waitFor(({ type }) => type === 'pong');
  socket.close();
  return { status: undefined, code: codeIn(text), text };
}

/** Internal details that no response may contain: source positions, SQL and table names. */
export const internalDetails =
  /node_modules|\.[jt]s:\d|\bat \w+ \(|prisma|postgres|\bpg_|relation "|syntax error at|workspace_id|change_counter|\bselect\b.*\bfrom\b/i;
