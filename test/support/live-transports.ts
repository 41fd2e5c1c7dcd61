import { request as openRequest } from 'node:http';
import { WebSocket } from 'ws';
import { framesOf } from './event-frames.ts';
import { singleConnection } from './single-connection.ts';

/** A result as it was delivered. */
export interface LiveResult {
  data?: Record<string, object> | null;
  errors?: unknown;
  extensions?: { cursor?: string };
}

/** One subscription of a connection, and where it begins. */
export interface LiveRequest {
  query: string;
  variables: Record<string, unknown>;
  after: string;
}

/** What a connection reports, by the index of the subscription. Nothing is reported after its end. */
export interface LiveReceiver {
  onResult(index: number, result: LiveResult): void;
  /** Everything up to the cursor has been delivered. */
  onExamined(index: number, cursor: string): void;
  /** A message that is no result. */
  onOther(index: number, text: string): void;
  onEnd(): void;
}

export interface LiveAddress {
  url: string;
  key: string;
  /** Where the event stream in single connection mode is opened; default: `url`. */
  streamUrl?: string;
}

/** Opens a connection with subscriptions; returns a function that cuts it. */
export type LiveTransport = (
  address: LiveAddress,
  requests: readonly LiveRequest[],
  receiver: LiveReceiver,
) => () => void;

const variablesOf = ({ variables, after }: LiveRequest) => ({ ...variables, after });

/** graphql-transport-ws, any number of subscriptions. */
export const overWebSocket: LiveTransport = ({ url, key }, requests, receiver) => {
  const address = `${url.replace(/^http/, 'ws')}/graphql`;
  const socket = new WebSocket(address, 'graphql-transport-ws', { perMessageDeflate: false });
  const end = once(receiver.onEnd);
  const send = (message: object) => socket.send(JSON.stringify(message));
  socket.on('error', end.now);
  socket.on('close', end.now);
  socket.on('open', () => send({ type: 'connection_init', payload: { key } }));
  socket.on('message', (data) => {
    if (end.isOver()) return;
    const { id, type, payload } = JSON.parse(String(data));
    if (type === 'next') receiver.onResult(Number(id), payload);
    else if (type !== 'connection_ack') receiver.onOther(Number(id), String(data));
    else {
      for (const [index, { query, ...rest }] of requests.entries()) {
        const variables = variablesOf({ query, ...rest });
        send({ type: 'subscribe', id: String(index), payload: { query, variables } });
      }
    }
  });
  return () => {
    socket.terminate();
    end.now();
  };
};

/** Server-Sent Events in distinct connections mode: one subscription. */
export const overEventStream: LiveTransport = ({ url, key }, [only], receiver) => {
  if (!only) throw new Error('An event stream needs a subscription');
  const { query, variables, after } = only;
  const end = once(receiver.onEnd);
  const stream = openStream(`${url}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'last-event-id': after,
    },
    body: JSON.stringify({ query, variables }),
    onEnd: end.now,
    onEvent({ event, id, data = '' }) {
      if (end.isOver()) return;
      if (event === 'next') receiver.onResult(0, JSON.parse(data));
      else if (event) receiver.onOther(0, `${event} ${data}`);
      else if (id) receiver.onExamined(0, id);
    },
  });
  return () => {
    stream.destroy();
    end.now();
  };
};

/** Server-Sent Events in single connection mode, any number of subscriptions. */
export const overSingleConnection: LiveTransport = (address, requests, receiver) => {
  const { url, key, streamUrl = url } = address;
  const end = once(receiver.onEnd);
  const server = singleConnection(url, key);
  let stream: ReturnType<typeof openStream> | undefined;

  async function open() {
    const token = await server.token();
    if (end.isOver()) return;
    stream = openStream(`${streamUrl}/graphql`, {
      method: 'GET',
      headers: { authorization: `Bearer ${key}`, 'x-graphql-event-stream-token': token },
      onEnd: end.now,
      onEvent({ event, data = '' }) {
        if (end.isOver()) return;
        const { id, payload } = JSON.parse(data);
        if (event === 'next') receiver.onResult(Number(id), payload);
        else receiver.onOther(Number(id), `${event} ${data}`);
      },
    });
    await Promise.all(requests.map((one, index) => start(token, one, index)));
  }

  async function start(token: string, one: LiveRequest, index: number) {
    const response = await server.start(token, String(index), one.query, variablesOf(one));
    // 404: the stream was cut before.
    if (![202, 204, 404].includes(response.status) && !end.isOver()) {
      receiver.onOther(index, await response.text());
    }
  }

  open().catch(end.now);
  return () => {
    stream?.destroy();
    end.now();
  };
};

interface StreamOptions {
  method: string;
  headers: Record<string, string>;
  body?: string;
  onEvent(frame: ReturnType<typeof framesOf>[number]): void;
  onEnd(): void;
}

/** Opens an event stream on a connection of its own. */
function openStream(address: string, { method, headers, body, onEvent, onEnd }: StreamOptions) {
  const outgoing = openRequest(address, {
    method,
    agent: false,
    headers: { ...headers, accept: 'text/event-stream' },
  });
  outgoing
    .on('error', onEnd)
    .on('close', onEnd)
    .on('response', (response) => {
      response.setEncoding('utf8').on('data', createEventReader(onEvent));
      response.on('error', onEnd).on('close', onEnd);
    });
  outgoing.end(body);
  return outgoing;
}

/** Splits a text that arrives in pieces into events; an event that was cut is not reported. */
function createEventReader(onEvent: (frame: ReturnType<typeof framesOf>[number]) => void) {
  let rest = '';
  return (piece: string) => {
    rest += piece;
    const end = rest.lastIndexOf('\n\n') + 2;
    if (end < 2) return;
    const complete = rest.slice(0, end);
    rest = rest.slice(end);
    for (const frame of framesOf(complete)) onEvent(frame);
  };
}

function once(report: () => void) {
  let isOver = false;
  return {
    isOver: () => isOver,
    now() {
      if (isOver) return;
      isOver = true;
      report();
    },
  };
}
