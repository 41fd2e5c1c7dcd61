import { once } from 'node:events';
import { WebSocket } from 'ws';

/** One subscription of a `LiveSocket`. */
export interface LiveOperation<Data> {
  /** Everything delivered so far, in order. */
  items: Data[];
  /** The texts of their messages. */
  texts: string[];
  /** Resolves with the first result of `check` that is neither undefined nor false; rejects if the server ends it. */
  until<T>(check: () => T | undefined | false): Promise<T>;
  /** Checks what `until` waits for once more. */
  recheck(): void;
  leave(): void;
}

/** A WebSocket for many short subscriptions: a thin client, so that the server is what a test waits for. */
export interface LiveSocket {
  subscribe<Data>(query: string, variables?: object): LiveOperation<Data>;
  close(): void;
}

interface Message {
  id: string;
  type: string;
  payload: { data?: unknown; errors?: unknown };
}

export async function openLiveSocket(url: string, key: string): Promise<LiveSocket> {
  const address = `${url.replace(/^http/, 'ws')}/graphql`;
  const socket = new WebSocket(address, 'graphql-transport-ws', { perMessageDeflate: false });
  const handlers = new Map<string, (message: Message, text: string) => void>();
  await once(socket, 'open');
  const acknowledged = once(socket, 'message');
  const payload = { authorization: `Bearer ${key}` };
  socket.send(JSON.stringify({ type: 'connection_init', payload }));
  await acknowledged;
  socket.on('message', (data) => {
    const text = String(data);
    const message: Message = JSON.parse(text);
    handlers.get(message.id)?.(message, text);
  });
  let started = 0;

  function subscribe<Data>(query: string, variables: object = {}): LiveOperation<Data> {
    started += 1;
    const id = String(started);
    const items: Data[] = [];
    const texts: string[] = [];
    const waiting = new Set<() => void>();
    let failure: Error | undefined;
    const recheck = () => {
      for (const check of waiting) check();
    };
    handlers.set(id, ({ type, payload: { data, errors } = {} }, text) => {
      if (type === 'next' && !errors) {
        items.push(data as Data);
        texts.push(text);
      } else failure = new Error(`The server ended the subscription: ${text}`);
      recheck();
    });
    socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables } }));
    return {
      items,
      texts,
      recheck,
      until: (check) =>
        new Promise((resolve, reject) => {
          const look = () => {
            const result = check();
            if (result !== undefined && result !== false) resolve(result as never);
            else if (failure) reject(failure);
            else return void waiting.add(look);
            waiting.delete(look);
          };
          look();
        }),
      leave() {
        handlers.delete(id);
        socket.send(JSON.stringify({ id, type: 'complete' }));
      },
    };
  }

  return { subscribe, close: () => socket.terminate() };
}
