import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** A client that subscribes to stage changes over a WebSocket and records their arrival times. */
export interface Subscriber {
  /** Indexed by the milliseconds between the change's instant and the first instant; 0 means not arrived. */
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
        if (!data) throw new Error(`A frame has errors: ${JSON.stringify(errors)}`);
        arrivals[Date.parse(data.stageChanged.at) - firstInstant] = now;
      },
      error: (error) => console.error('A subscription failed:', error),
      complete: () => {},
    },
  );
  return { arrivals, end: async () => client.dispose() };
}
