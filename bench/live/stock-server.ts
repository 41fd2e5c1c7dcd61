import { createServer } from 'node:http';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { BaselineChange } from './baseline-message.ts';

const schema = buildSchema(`
  type Query { version: String }
  type Customer { id: ID! name: String orderCount: Int! }
  type StageChanged {
    at: String! recordedAt: String! cursor: String! fromKey: String toKey: String customer: Customer!
  }
  union StageChangedPayload = StageChanged
  scalar Cursor
  type Subscription { stageChanged(after: Cursor, customer: ID): StageChangedPayload! }`);

type Queue = (change: BaselineChange) => void;

/** graphql-ws as its documentation shows it: one execution and one message per subscription. */
export function createStockServer() {
  const queues = new Set<Queue>();
  const http = createServer();
  const roots = { stageChanged: () => follow(queues) };
  useServer({ schema, roots: { subscription: roots } }, new WebSocketServer({ server: http }));
  return {
    http,
    subscribers: () => queues.size,
    publish(change: BaselineChange) {
      for (const queue of queues) queue(change);
    },
  };
}

async function* follow(queues: Set<Queue>) {
  const waiting: BaselineChange[] = [];
  let arrival = Promise.withResolvers<void>();
  const queue = (change: BaselineChange) => {
    waiting.push(change);
    arrival.resolve();
  };
  queues.add(queue);
  try {
    for (;;) {
      for (let change = waiting.shift(); change; change = waiting.shift()) {
        yield { stageChanged: change };
      }
      arrival = Promise.withResolvers();
      await arrival.promise;
    }
  } finally {
    queues.delete(queue);
  }
}
