import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { addDelivery, type DeliveryOrder, newDeliveryOrder } from './delivery-order.ts';

/** The official client beside a load: the subscriptions of the load must receive what it receives. */
export interface Witness {
  order: DeliveryOrder;
  end(): Promise<void>;
}

export function openWitness(request: {
  url: string;
  key: string;
  query: string;
  variables: Record<string, unknown>;
}): Witness {
  const { url, key, query, variables } = request;
  const order = newDeliveryOrder();
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { key },
    retryAttempts: 0,
  });
  client.subscribe<{ stageChanged: { cursor: string } }>(
    { query, variables },
    {
      next({ data, errors }) {
        if (data) addDelivery(order, data.stageChanged.cursor);
        else console.error('A frame of the witness has errors:', JSON.stringify(errors));
      },
      error: (error) => console.error('The subscription of the witness failed:', error),
      complete: () => {},
    },
  );
  return { order, end: async () => client.dispose() };
}
