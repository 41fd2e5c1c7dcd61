import { setTimeout as pause } from 'node:timers/promises';
import { post } from './ledger.ts';
import { processAdminKey } from './server-process.ts';

/** A client that sends requests continuously during a failure. */
export interface Observer {
  health: Set<number>;
  ready: number[];
  /** The GraphQL responses: "ok", a code, or a description of an unexpected response. */
  graphql: Set<string>;
  /** The duration of the slowest response. */
  slowestMs(): number;
  stop(): Promise<void>;
}

const query = '{ workspace { name totals { events } } }';

export function observe(url: string): Observer {
  const health = new Set<number>();
  const ready: number[] = [];
  const graphql = new Set<string>();
  let slowest = 0;
  const stopping = new AbortController();
  const { signal } = stopping;

  async function again(ask: () => Promise<unknown>) {
    while (!signal.aborted) {
      const began = performance.now();
      await ask();
      slowest = Math.max(slowest, performance.now() - began);
      await pause(10, undefined, { signal }).catch(() => undefined);
    }
  }

  const running = Promise.all([
    again(async () => health.add(await statusOf(`${url}/health`))),
    again(async () => ready.push(await statusOf(`${url}/ready`))),
    again(async () => graphql.add(await askGraphQL(url))),
  ]);
  return {
    health,
    ready,
    graphql,
    slowestMs: () => slowest,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** The status of a response; 0 without one. */
export async function statusOf(url: string): Promise<number> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

interface Coded {
  errors?: Array<{ message: string; extensions?: { code?: string } }>;
}

const internals = /\\n\s+at |\.ts:|node_modules|ECONN|postgres|prisma|select |socket/i;

async function askGraphQL(url: string): Promise<string> {
  const { status, headers, body } = await post(`${url}/graphql`, processAdminKey, { query });
  const text = JSON.stringify(body);
  const code = (body as Coded | undefined)?.errors?.[0]?.extensions?.code;
  if (status === 200 && code === undefined) return 'ok';
  const isSound = status === 503 && code && headers.get('retry-after') && !internals.test(text);
  return isSound ? code : `${status} ${headers.get('retry-after')} ${text}`;
}
