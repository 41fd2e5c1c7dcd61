import { type ClientOptions, WebSocket } from 'ws';

type Message = Record<string, unknown>;

/** A WebSocket as bare as it comes: says what it is told to say, keeps what it hears. */
export interface RawSocket {
  /** Everything received so far, in order. */
  received: Message[];
  /** Exactly as received, for whoever counts bytes. */
  texts: string[];
  /** An object goes as JSON, a text as it is. */
  say(message: unknown): void;
  /** Resolves with the first message, received or to come, that the condition holds for. */
  hear(wanted: (message: Message) => boolean): Promise<Message>;
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
    for (const look of waiting) look();
  });
  socket.on('close', (code, reason) => closing.resolve({ code, reason: String(reason) }));
  await opening.promise;

  const hear: RawSocket['hear'] = (wanted) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = received.find(wanted);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
      void closing.promise.then(({ code, reason }) => {
        reject(new Error(`Closed with ${code} ${reason} after ${texts.join('\n')}`));
      });
    });

  return {
    received,
    texts,
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    hear,
    closed: closing.promise,
    close: () => socket.close(),
  } satisfies RawSocket as RawSocket;
}

/** A socket whose key was accepted. */
export async function connectSocket(url: string, key: string): Promise<RawSocket> {
  const socket = await openSocket(url);
  socket.say({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } });
  await socket.hear(({ type }) => type === 'connection_ack');
  return socket;
}

let asked = 0;

/** Starts an operation; answers its id and the first message about it. */
export async function request(socket: RawSocket, payload: object) {
  const id = start(socket, payload);
  const answer = await socket.hear((message) => message['id'] === id);
  return { id, answer };
}

/** Starts an operation and answers its id. */
export function start(socket: RawSocket, payload: object): string {
  const id = `op-${++asked}`;
  socket.say({ id, type: 'subscribe', payload });
  return id;
}

/** Everything that was said before has been read by the server: it answers in order. */
export async function settle(socket: RawSocket) {
  const mark = `mark-${++asked}`;
  socket.say({ type: 'ping', payload: { mark } });
  await socket.hear(
    ({ type, payload }) => type === 'pong' && (payload as { mark?: string })?.mark === mark,
  );
}
