import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** Somebody who follows stage changes over a WebSocket and notes when each of them arrived. */
export interface Subscriber {
  /** By the number of milliseconds between the change's instant and the first one; 0 is not yet. */
  arrivals: Float64Array;
  end(): Promise<void>;
}

interface Frame {
  stageChanged: { at: string };
}

export function openSubscription(request: {
  url: string;
  key: string;
  selection: string;
  firstInstant: number;
  count: number;
}): Subscriber {
  const { url, key, selection, firstInstant, count } = request;
  const arrivals = new Float64Array(count);
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { key },
    retryAttempts: 0,
  });
  const query = `subscription { stageChanged { ... on StageChanged { ${selection} } } }`;
  client.subscribe<Frame>(
    { query },
    {
      next: ({ data, errors }) => {
        const now = performance.now();
        if (!data) throw new Error(`A frame tells of errors: ${JSON.stringify(errors)}`);
        arrivals[Date.parse(data.stageChanged.at) - firstInstant] = now;
      },
      error: (error) => console.error('A subscription ended:', error),
      complete: () => {},
    },
  );
  return { arrivals, end: async () => client.dispose() };
}
