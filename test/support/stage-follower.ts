import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { SeededRandom } from './random.ts';
import { processAdminKey } from './server-process.ts';

const document = `subscription Follow($after: Cursor) {
  stageChanged(after: $after) {
    ... on StageChanged { cursor fromKey toKey }
    ... on StreamReset { reason }
  }
}`;

interface Delivered {
  stageChanged: { cursor?: string; reason?: string };
}

/**
 * A subscriber that reconnects with its last cursor whenever it is disconnected, until it is stopped. Occasionally it
 * disconnects by itself while changes are being delivered.
 */
export interface StageFollower {
  /** The positions of the received changes, in order of receipt. */
  seen: number[];
  /** The number of reconnects. */
  reconnects(): number;
  /** Everything that was neither a stage change nor the end of a connection. */
  odd: unknown[];
  stop(): Promise<void>;
}

export function followStages(url: () => string, from: string, random: SeededRandom): StageFollower {
  const seen: number[] = [];
  const odd: unknown[] = [];
  let after = from;
  let connections = 0;
  const stopping = new AbortController();
  const { signal } = stopping;

  async function followOnce() {
    connections += 1;
    const client = createClient({
      url: `${url().replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { key: processAdminKey },
      retryAttempts: 0,
    });
    const leave = () => client.terminate();
    signal.addEventListener('abort', leave);
    let timeoutMs = random.between(1, 500);
    try {
      for await (const { data, errors } of client.iterate<Delivered>({
        query: document,
        variables: { after },
      })) {
        const { cursor } = data?.stageChanged ?? {};
        if (errors || cursor === undefined) {
          odd.push(errors ?? data);
          return;
        }
        after = cursor;
        seen.push(Number(cursor.split('.')[1]));
        timeoutMs -= 1;
        if (timeoutMs === 0) return;
      }
    } finally {
      signal.removeEventListener('abort', leave);
      await client.dispose();
    }
  }

  async function run() {
    while (!signal.aborted) {
      await followOnce().catch(() => undefined);
      // Clients do not reconnect immediately.
      await pause(50, undefined, { signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    seen,
    odd,
    reconnects: () => connections - 1,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
