import { type ClientOptions, WebSocket } from 'ws';

type Message = Record<string, unknown>;

/** A WebSocket without a protocol client: sends what it is given and records what it receives. */
export interface RawSocket {
  /** Everything received so far, in order. */
  received: Message[];
  /** Exactly as received, for counting bytes. */
  texts: string[];
  /** Sends an object as JSON, a string as it is. */
  send(message: unknown): void;
  /** Resolves with the first message, received or future, that matches the condition. */
  waitFor(condition: (message: Message) => boolean): Promise<Message>;
  closed: Promise<{ code: number; reason: string }>;
  close(): void;
}

export async function openSocket(url: string, protocol = 'graphql-transport-ws') {
  const options: ClientOptions = { perMessageDeflate: false };
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, protocol, options);
  const received: Message[] = [];
  const texts: string[] = [];
  const waiting = new Set<() => void>();
  const closing = Promise.withResolvers<{ code: number; reason: string }>();
  const opening = Promise.withResolvers<void>();
  socket.on('open', opening.resolve);
  socket.on('error', opening.reject);
  socket.on('message', (data) => {
    const text = String(data);
    texts.push(text);
    received.push(JSON.parse(text));
    for (const check of waiting) check();
  });
  socket.on('close', (code, reason) => closing.resolve({ code, reason: String(reason) }));
  await opening.promise;

  const waitFor: RawSocket['waitFor'] = (condition) =>
    new Promise((resolve, reject) => {
      const check = () => {
        const found = received.find(condition);
        if (!found) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
      void closing.promise.then(({ code, reason }) => {
        reject(new Error(`Closed with ${code} ${reason} after ${texts.join('\n')}`));
      });
    });

  return {
    received,
    texts,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    waitFor,
    closed: closing.promise,
    close: () => socket.close(),
  } satisfies RawSocket as RawSocket;
}

/** Opens a socket and waits until its key is accepted. */
export async function connectSocket(url: string, key: string): Promise<RawSocket> {
  const socket = await openSocket(url);
  socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } });
  await socket.waitFor(({ type }) => type === 'connection_ack');
  return socket;
}

let sent = 0;

/** Starts an operation; returns its id and the first message about it. */
export async function request(socket: RawSocket, payload: object) {
  const id = start(socket, payload);
  const answer = await socket.waitFor((message) => message['id'] === id);
  return { id, answer };
}

/** Starts an operation and returns its id. */
export function start(socket: RawSocket, payload: object): string {
  const id = `op-${++sent}`;
  socket.send({ id, type: 'subscribe', payload });
  return id;
}

/** Resolves when the server has read everything sent before, because it answers in order. */
export async function waitUntilRead(socket: RawSocket) {
  const mark = `mark-${++sent}`;
  socket.send({ type: 'ping', payload: { mark } });
  await socket.waitFor(
    ({ type, payload }) => type === 'pong' && (payload as { mark?: string })?.mark === mark,
  );
}
