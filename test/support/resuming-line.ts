import { setTimeout as pause } from 'node:timers/promises';
import type { LiveAddress, LiveResult, LiveTransport } from './live-transports.ts';
import type { SeededRandom } from './random.ts';

/** A subscription that resumes after its last cursor whenever its connection ends. */
export interface ResumingSubscriber {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  /** The cursor to resume after. */
  after: string;
  /** The positions of the received changes in order of receipt, without repeats. */
  readonly seen: number[];
  /** Changes that were received again, and dropped by their cursor. */
  repeated: number;
  /** Everything else that was received. */
  readonly odd: unknown[];
}

export const createSubscriber = (
  query: string,
  after: string,
  variables: Record<string, unknown> = {},
): ResumingSubscriber => ({ query, variables, after, seen: [], repeated: 0, odd: [] });

/** A connection with subscribers, which is opened again whenever it ends, until it is stopped. */
export interface ResumingLine {
  /** How many of its connections delivered something. */
  connections(): number;
  /** How often its connections ended before they delivered anything, by the reason that the server gave. */
  refusals: ReadonlyMap<string, number>;
  /** Resolves once the condition holds; it is checked after each result. */
  until(condition: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

export interface LineOptions {
  transport: LiveTransport;
  address: () => LiveAddress;
  /** Cuts the connection after a random number of results up to this one. Default: it does not cut. */
  cutWithin?: { results: number; random: SeededRandom };
  /** The longest time between two connections. */
  maxPauseMs: number;
}

/** Errors of a server that is starting or overloaded: the client returns later. */
const temporary = /STORAGE_UNAVAILABLE|RATE_LIMITED|OVERLOADED/;

export function followLine(
  subscribers: readonly ResumingSubscriber[],
  { transport, address, cutWithin, maxPauseMs }: LineOptions,
): ResumingLine {
  let connections = 0;
  const refusals = new Map<string, number>();
  const waiting = new Set<() => void>();
  const stopping = new AbortController();
  const { signal } = stopping;

  async function followOnce() {
    const ended = Promise.withResolvers<void>();
    const maxResults = cutWithin?.random.between(1, cutWithin.results);
    let results = 0;
    let refusal = 'none';
    const cut = transport(address(), subscribers, {
      onResult(index, result) {
        receive(subscribers[index], result);
        for (const check of waiting) check();
        results += 1;
        if (results === 1) connections += 1;
        if (results === maxResults) cut();
      },
      onExamined: (index, cursor) => Object.assign(subscribers[index] ?? {}, { after: cursor }),
      onOther(index, text) {
        const [code] = temporary.exec(text) ?? [];
        if (!code) return void subscribers[index]?.odd.push(text);
        refusal = code;
        cut();
      },
      onEnd: ended.resolve,
    });
    signal.addEventListener('abort', cut);
    if (signal.aborted) cut();
    await ended.promise;
    signal.removeEventListener('abort', cut);
    if (results === 0) refusals.set(refusal, (refusals.get(refusal) ?? 0) + 1);
  }

  async function run() {
    while (!signal.aborted) {
      await followOnce();
      const pauseMs = cutWithin?.random.between(0, maxPauseMs) ?? maxPauseMs;
      // Clients do not reconnect at once.
      await pause(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    connections: () => connections,
    refusals,
    until: (condition) =>
      new Promise((resolve) => {
        const check = () => {
          if (!condition()) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

function receive(subscriber: ResumingSubscriber | undefined, result: LiveResult) {
  const { cursor } = result.extensions ?? {};
  if (!subscriber) throw new Error('A result for an unknown subscription');
  if (result.errors || cursor === undefined) return void subscriber.odd.push(result);
  const { seen } = subscriber;
  const position = Number(cursor.split('.')[1]);
  // A reordered change would be missing: it is not counted as received.
  if (position <= (seen.at(-1) ?? 0)) {
    if (seen.includes(position)) subscriber.repeated += 1;
    else subscriber.odd.push(`${position} after ${seen.at(-1)}`);
    return;
  }
  seen.push(position);
  subscriber.after = cursor;
}
